package server

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// smallWrite is what is gathered until the next Flush; more goes out at once.
const smallWrite = 4 << 10

// errNoBody says that the response's status has no body.
var errNoBody = errors.New("a response of this status has no body")

// gathered are the buffers in which small writes wait: only as long as they do.
var gathered = sync.Pool{New: func() any { return new(bytes.Buffer) }}

var lineEnd = []byte("\r\n") //nolint:gochecknoglobals // a constant, if Go had such

// chunked is an http.ResponseWriter over a connection of its own, for one
// response. It keeps no buffer while nothing is being written, and sends what it
// has in one system call. A failed write stays: every later one fails as it did.
// It is used by one goroutine.
type chunked struct {
	conn   net.Conn
	header http.Header
	// http10 has no chunks: the body ends with the connection.
	http10 bool
	// begun is set once the header is made; sized, when the handler said how long
	// the body is; bodiless, when it has none.
	begun, sized, bodiless bool
	// start is the header until it is sent.
	start []byte
	// small is what waits of the body for Flush; nil when nothing does.
	small *bytes.Buffer
	err   error

	// These are here so that a write allocates nothing: a chunk's length and line
	// end, and the parts of what is being sent.
	length [18]byte
	parts  [5][]byte
	out    net.Buffers
}

func newChunked(conn net.Conn, r *http.Request) *chunked {
	return &chunked{conn: conn, header: make(http.Header), http10: !r.ProtoAtLeast(1, 1)}
}

// Header implements http.ResponseWriter.
func (w *chunked) Header() http.Header { return w.header }

// SetWriteDeadline is for http.ResponseController. It may be called at any time.
func (w *chunked) SetWriteDeadline(t time.Time) error {
	return w.conn.SetWriteDeadline(t)
}

// WriteHeader implements http.ResponseWriter.
func (w *chunked) WriteHeader(status int) {
	if w.begun || status < http.StatusOK {
		return
	}
	w.begun = true
	w.bodiless = status == http.StatusNoContent || status == http.StatusNotModified
	w.sized = w.header.Get("Content-Length") != ""
	if w.header.Get("Date") == "" {
		w.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	w.header.Set("Connection", "close")
	w.header.Del("Transfer-Encoding")
	if w.inChunks() {
		w.header.Set("Transfer-Encoding", "chunked")
	}
	var start bytes.Buffer
	start.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\n")
	_ = w.header.WriteSubset(&start, trailerKeys(w.header)) // a buffer takes all
	start.Write(lineEnd)
	w.start = start.Bytes()
}

func (w *chunked) inChunks() bool { return !w.http10 && !w.sized && !w.bodiless }

// Write implements http.ResponseWriter.
func (w *chunked) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.err != nil:
		return 0, w.err
	case w.bodiless:
		return 0, errNoBody
	case len(p) > smallWrite:
		return len(p), w.send(p, nil)
	case w.small == nil:
		w.small, _ = gathered.Get().(*bytes.Buffer)
	}
	w.small.Write(p)
	if w.small.Len() < smallWrite {
		return len(p), nil
	}
	return len(p), w.send(nil, nil)
}

// Flush implements http.Flusher, which some handlers ask for by type.
func (w *chunked) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *chunked) FlushError() error {
	w.WriteHeader(http.StatusOK)
	return w.send(nil, nil)
}

// finish ends the response.
func (w *chunked) finish() error {
	w.WriteHeader(http.StatusOK)
	var end []byte
	if w.inChunks() {
		end = append([]byte("0\r\n"), trailers(w.header)...)
		end = append(end, lineEnd...)
	}
	if err := w.send(nil, end); err != nil {
		return err
	}
	if half, ok := w.conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// send sends the header if it is still to be sent, one chunk of what was gathered
// and p, then end. It keeps neither.
func (w *chunked) send(p, end []byte) error {
	defer w.forget()
	if w.err != nil {
		return w.err
	}
	w.out = w.parts[:0]
	w.add(w.start)
	if size := w.gatheredBytes() + len(p); size > 0 {
		if w.inChunks() {
			w.add(append(strconv.AppendInt(w.length[:0], int64(size), 16), lineEnd...))
		}
		if w.small != nil {
			w.add(w.small.Bytes())
		}
		w.add(p)
		if w.inChunks() {
			end = append(lineEnd[:2:2], end...)
		}
	}
	w.add(end)
	if len(w.out) > 0 {
		_, w.err = w.out.WriteTo(w.conn)
	}
	return w.err
}

func (w *chunked) gatheredBytes() int {
	if w.small == nil {
		return 0
	}
	return w.small.Len()
}

func (w *chunked) add(part []byte) {
	if len(part) > 0 {
		w.out = append(w.out, part)
	}
}

// forget keeps nothing of what was sent.
func (w *chunked) forget() {
	w.start, w.out, w.parts = nil, nil, [5][]byte{}
	if w.small != nil {
		w.small.Reset()
		gathered.Put(w.small)
		w.small = nil
	}
}

// trailerKeys returns the header's keys that are for after the body; net/http has
// their convention.
func trailerKeys(h http.Header) map[string]bool {
	keys := make(map[string]bool)
	for key := range h {
		if strings.HasPrefix(key, http.TrailerPrefix) {
			keys[key] = true
		}
	}
	return keys
}

// trailers returns what follows the last chunk.
func trailers(h http.Header) []byte {
	after := make(http.Header)
	for key := range trailerKeys(h) {
		after[strings.TrimPrefix(key, http.TrailerPrefix)] = h[key]
	}
	var block bytes.Buffer
	_ = after.Write(&block) // a buffer takes all
	return block.Bytes()
}
