package e2e

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Flags of a frame. Connect and gRPC-Web mark their last one differently.
const (
	connectEnd   = 0x02
	grpcWebEnd   = 0x80
	frameHeading = 5
)

// frame is the envelope of Connect streams, gRPC and gRPC-Web: a byte of flags,
// four of length, and the message.
type frame struct {
	flags   byte
	payload []byte
}

func (f frame) bytes() []byte {
	heading := binary.BigEndian.AppendUint32([]byte{f.flags}, uint32(len(f.payload)))

	return append(heading, f.payload...)
}

func readFrame(reader io.Reader) (frame, error) {
	heading := make([]byte, frameHeading)
	if _, err := io.ReadFull(reader, heading); err != nil {
		return frame{}, fmt.Errorf("read a frame's heading: %w", err)
	}

	payload := make([]byte, binary.BigEndian.Uint32(heading[1:]))
	_, err := io.ReadFull(reader, payload)

	return frame{heading[0], payload}, err
}
