package load

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sys/unix"

	"rollcall/bench/client"
	"rollcall/bench/wire"
)

// What servers answer to what they take, and to what is too much.
const (
	statusOK      = http.StatusOK
	statusRefused = http.StatusTooManyRequests
)

// connection carries one request at a time.
type connection struct {
	socket  int
	answers *wire.Answers

	busy           bool
	sent, received time.Time
}

var errUnasked = errors.New("an answer came that was not asked for")

func newConnection(socket int, s *submitting) *connection {
	c := &connection{socket: socket}
	c.answers = wire.NewAnswers(func(status int, body []byte) error {
		if !c.busy {
			return errUnasked
		}
		c.busy = false
		s.answered(c, status, body)
		return nil
	})
	return c
}

func (c *connection) send(request []byte, now time.Time) error {
	c.sent, c.busy = now, true
	if err := client.Send(c.socket, request); err != nil {
		c.busy = false
		return err
	}
	return nil
}

// read reads what has come, once.
func (c *connection) read(buf []byte) error {
	piece, err := receive(c.socket, buf)
	if err != nil || piece == nil {
		return err
	}
	c.received = time.Now()
	return c.answers.Feed(piece)
}

// receive returns what has come on a socket; nil if nothing has.
func receive(socket int, buf []byte) ([]byte, error) {
	n, err := unix.Read(socket, buf)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("the connection broke: %w", err)
	case n == 0:
		return nil, wire.ErrEnded
	}
	return buf[:n], nil
}
