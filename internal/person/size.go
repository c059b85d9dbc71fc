package person

import (
	"errors"
	"fmt"
)

const (
	// MaxPayload is the size in bytes of the largest Cap'n Proto message that Encode
	// writes and Decode reads: there is room for other publishers.
	MaxPayload = 64 << 10
	// MaxValid is the size of the largest message that Encode makes of a person that
	// keeps the API's rules, or a little more.
	MaxValid = 4 << 10
)

// ErrTooLarge says that a message is, or would be, larger than MaxPayload.
var ErrTooLarge = fmt.Errorf("larger than %d bytes", MaxPayload)

var (
	errNoPerson  = errors.New("no person in it")
	errNotUTF8   = errors.New("not valid UTF-8")
	errWrongKind = errors.New("a pointer of the wrong kind")
)

// The layout of schema/person.capnp in bytes, as our version of it is written.
const (
	wordSize   = 8
	headerSize = wordSize     // segment count and size, for a single segment
	rootSize   = 5 * wordSize // the root pointer and Person's four pointers
	dateSize   = wordSize
	phoneSize  = 2 * wordSize // the type, padded, and one pointer
)

// shape is what the size of a person's message depends on.
type shape struct {
	texts     int // bytes of all texts, each as textSize counts it
	phones    int // number of phones
	birthdate bool
}

// size is how many bytes the message takes, framing included.
func (s shape) size() int {
	size := headerSize + rootSize + s.texts
	if s.birthdate {
		size += dateSize
	}
	if s.phones > 0 {
		size += wordSize + s.phones*phoneSize
	}
	return size
}

// textSize is how many bytes a text takes beside its pointer: its NUL, and up to
// the next word. An empty text is a null pointer.
func textSize(bytes int) int {
	if bytes == 0 {
		return 0
	}
	return (bytes + 1 + wordSize - 1) / wordSize * wordSize
}
