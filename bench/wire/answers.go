package wire

import (
	"bytes"
	"fmt"
	"strconv"
)

// Answers reads the responses of an HTTP/1.1 connection, each of which says its
// length.
type Answers struct {
	cutter

	take func(status int, body []byte) error
	// Of the response whose head was read last.
	status, body int
}

// mostHead is longer than any head that a server of ours sends.
const mostHead = 16 << 10

var (
	statusLine    = []byte("HTTP/1.1 ")
	contentLength = []byte("\r\nContent-Length: ")
)

// NewAnswers calls take with each response; the body is its only while it runs.
func NewAnswers(take func(status int, body []byte) error) *Answers {
	a := &Answers{take: take}
	a.format = a
	return a
}

// Feed takes what came next.
func (a *Answers) Feed(piece []byte) error { return a.feed(piece) }

func (a *Answers) size(head []byte) (int, error) {
	end := bytes.Index(head, headEnd)
	if end < 0 {
		if len(head) > mostHead {
			return 0, errFormat
		}
		return 0, nil
	}
	lines := head[:end+len("\r\n")]
	after, ok := bytes.CutPrefix(lines, statusLine)
	if !ok || len(after) < len("200") {
		return 0, fmt.Errorf("%w: %q", errFormat, lines)
	}
	status, ok := number(after[:len("200")])
	if !ok {
		return 0, fmt.Errorf("%w: %q", errFormat, lines)
	}
	_, value, _ := bytes.Cut(after, contentLength)
	digits, _, _ := bytes.Cut(value, headEnd[:2])
	length, ok := number(digits)
	if !ok {
		return 0, fmt.Errorf("%w: no length of a response: %q", errFormat, lines)
	}
	a.status, a.body = status, end+len(headEnd)
	return a.body + length, nil
}

func (a *Answers) item(whole []byte) error { return a.take(a.status, whole[a.body:]) }

func number(digits []byte) (int, bool) {
	n, err := strconv.ParseUint(string(digits), 10, 31)
	return int(n), err == nil
}
