package wire

import (
	"bytes"
	"fmt"
)

// head reads an HTTP/1.1 response up to its body.
type head struct {
	status string
	text   []byte
	done   bool
}

var headEnd = []byte("\r\n\r\n")

// feed returns what of the piece belongs to the body.
func (h *head) feed(piece []byte) (body []byte, err error) {
	before := len(h.text)
	h.text = append(h.text, piece...)
	end := bytes.Index(h.text, headEnd)
	if end < 0 {
		return nil, nil
	}
	if !bytes.HasPrefix(h.text, []byte("HTTP/1.1 "+h.status)) {
		line, _, _ := bytes.Cut(h.text, []byte("\r\n"))
		return nil, fmt.Errorf("%w: %q", ErrEnded, line)
	}
	h.done = true
	h.text = nil
	return piece[end+len(headEnd)-before:], nil
}
