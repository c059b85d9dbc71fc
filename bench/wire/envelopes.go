package wire

import (
	"encoding/binary"
	"fmt"
)

const (
	envelopeHead = 5 // flags, then the message's length
	flagGzip     = 1 // which a message's first bytes say as well
	flagEnd      = 2 // the stream's last message, which says how it ended
	flagsKnown   = flagGzip | flagEnd
)

// messages takes the messages of a stream, in pieces.
type messages interface {
	sink
	// end comes after a message's last piece.
	end() error
}

// envelopes takes Connect's framing of messages off.
type envelopes struct {
	messages messages
	// count is how many messages were read to their end.
	count int

	head []byte
	left int
	last []byte // what the stream's end says
}

func (e *envelopes) feed(piece []byte) error {
	for len(piece) > 0 {
		if len(e.head) < envelopeHead {
			n := min(envelopeHead-len(e.head), len(piece))
			e.head, piece = append(e.head, piece[:n]...), piece[n:]
			if len(e.head) < envelopeHead {
				return nil
			}
			if e.head[0]&^flagsKnown != 0 {
				return errFormat
			}
			e.left = int(binary.BigEndian.Uint32(e.head[1:]))
		}
		n := min(e.left, len(piece))
		if err := e.take(piece[:n]); err != nil {
			return err
		}
		e.left, piece = e.left-n, piece[n:]
		if e.left == 0 {
			if err := e.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *envelopes) take(piece []byte) error {
	if e.head[0]&flagEnd != 0 {
		e.last = append(e.last, piece...)
		return nil
	}
	return e.messages.feed(piece)
}

func (e *envelopes) finish() error {
	if e.head[0]&flagEnd != 0 {
		return fmt.Errorf("%w: %s", ErrEnded, e.last)
	}
	e.head = e.head[:0]
	e.count++
	return e.messages.end()
}
