// Package wire reads what servers send, cheaply enough to share their cores: a
// reader a connection takes the bytes as they come, cut anywhere, and tells its
// watcher of each event without decoding what is in it.
package wire

import (
	"errors"

	"rollcall/bench/payload"
)

// Watcher hears of the events of one connection.
type Watcher interface {
	// Saw tells of an event, and returns whether its time is wanted.
	Saw(sequence uint64) bool
	// Sample takes the time at which an event was published, in nanoseconds since
	// 1970.
	Sample(published int64)
}

// Reader reads one connection.
type Reader interface {
	// Open is what the client sends first.
	Open() []byte
	// Feed takes what came next. The answer, if any, is to be sent at once. The
	// error says that the watch is over, and why.
	Feed(piece []byte) (answer []byte, err error)
	// Ready reports whether the server has said that events will come.
	Ready() bool
}

// sink takes a part of a connection's bytes, in pieces cut anywhere.
type sink interface {
	feed(piece []byte) error
}

var (
	// ErrEnded says that the server ended the stream.
	ErrEnded = errors.New("the server ended the stream")

	errFormat = errors.New("the server sent what its protocol does not have")
)

// sample tells the watcher when an event was published.
func sample(w Watcher, stamp []byte) error {
	published, ok := payload.Published(stamp)
	if !ok {
		return errFormat
	}
	w.Sample(published)
	return nil
}

// stamped tells the watcher of an event that carries the payload.
func stamped(w Watcher, event []byte) error {
	sequence, ok := payload.Sequence(event)
	if !ok {
		return errFormat
	}
	if w.Saw(sequence) {
		return sample(w, event)
	}
	return nil
}
