package wire

import (
	"bytes"
	"fmt"
	"strconv"
)

var lineEnd = []byte("\r\n")

// nats reads a subscription on a connection of its own to a NATS server.
type nats struct {
	cutter

	watcher Watcher
	ready   bool
	answer  []byte
}

// NewNATS subscribes to a subject.
func NewNATS(w Watcher) Reader {
	n := &nats{watcher: w}
	n.format = n
	return n
}

func (n *nats) Open() []byte {
	return []byte("CONNECT {\"verbose\":false}\r\nSUB persons 1\r\nPING\r\n")
}

// Ready is after the answer to the PING that follows the subscription.
func (n *nats) Ready() bool { return n.ready }

func (n *nats) Feed(piece []byte) ([]byte, error) {
	n.answer = n.answer[:0]
	err := n.feed(piece)
	return n.answer, err
}

func (n *nats) size(head []byte) (int, error) {
	line := bytes.Index(head, lineEnd)
	if line < 0 {
		return 0, nil
	}
	size := line + len(lineEnd)
	if !bytes.HasPrefix(head, []byte("MSG ")) {
		return size, nil
	}
	length, err := strconv.Atoi(string(head[bytes.LastIndexByte(head[:line], ' ')+1 : line]))
	if err != nil {
		return 0, fmt.Errorf("%w: %q", errFormat, head[:line])
	}
	return size + length + len(lineEnd), nil
}

func (n *nats) item(whole []byte) error {
	line, rest, _ := bytes.Cut(whole, lineEnd)
	switch verb, _, _ := bytes.Cut(line, []byte(" ")); string(verb) {
	case "MSG":
		return stamped(n.watcher, rest)
	case "PONG":
		n.ready = true
	case "PING":
		n.answer = append(n.answer, "PONG\r\n"...)
	case "-ERR":
		return fmt.Errorf("%w: %s", ErrEnded, line)
	}
	return nil
}
