// Package payload is what every system carries: a sequence and the time of
// publishing, as text that each protocol can hold, filled up to the size of one
// of rollcall's own events.
package payload

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
)

const (
	// Size is what an event carries, in bytes: as much as rollcall's event of a
	// person takes with everything around it.
	Size = 130
	// StampSize is the part that tells one event from another.
	StampSize = 2 * wordSize

	wordSize = 16 // a number of 64 bits in hexadecimal digits
)

// New returns an unstamped payload.
func New() []byte { return bytes.Repeat([]byte{'.'}, Size) }

// Stamp writes the sequence and the time of publishing, in nanoseconds since
// 1970, into the beginning of dst.
func Stamp(dst []byte, sequence uint64, published int64) {
	var word [8]byte
	binary.BigEndian.PutUint64(word[:], sequence)
	hex.Encode(dst[:wordSize], word[:])
	binary.BigEndian.PutUint64(word[:], uint64(published)) //nolint:gosec // the bits are meant
	hex.Encode(dst[wordSize:StampSize], word[:])
}

// Sequence reads the sequence from a stamp.
func Sequence(stamp []byte) (uint64, bool) {
	if len(stamp) < StampSize {
		return 0, false
	}
	return parse(stamp[:wordSize])
}

// Published reads the time of publishing from a stamp.
func Published(stamp []byte) (int64, bool) {
	if len(stamp) < StampSize {
		return 0, false
	}
	nanos, ok := parse(stamp[wordSize:StampSize])
	return int64(nanos), ok //nolint:gosec // the bits are meant
}

func parse(digits []byte) (uint64, bool) {
	var word [8]byte
	if _, err := hex.Decode(word[:], digits); err != nil {
		return 0, false
	}
	return binary.BigEndian.Uint64(word[:]), true
}
