package person

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxSegments is what other Cap'n Proto readers take; a message has one, and more
// only when its writer's first buffer was too small.
const maxSegments = 512

// checkFrame reports whether the message's framing fits its bytes exactly. Bytes
// after the message are refused, not left out: they may be a second person, and
// no person is dropped silently.
func checkFrame(message []byte) error {
	if len(message) < wordSize {
		return fmt.Errorf("%d bytes are shorter than its header", len(message))
	}
	segments := uint64(binary.LittleEndian.Uint32(message)) + 1
	if segments > maxSegments {
		return fmt.Errorf("%d segments, more than %d", segments, maxSegments)
	}
	header := (4 + 4*segments + wordSize - 1) / wordSize * wordSize
	if uint64(len(message)) < header {
		return errors.New("its header is cut short")
	}
	total := header
	for i := range segments {
		total += wordSize * uint64(binary.LittleEndian.Uint32(message[4+4*i:]))
	}
	if size := uint64(len(message)); total != size {
		return fmt.Errorf("its header says %d bytes, and there are %d", total, size)
	}
	return nil
}
