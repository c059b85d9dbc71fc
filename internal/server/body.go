package server

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect/v2"
)

// drained is how much of a request that is too large is read all the same. Over
// HTTP/1.1 a client that is still sending would get a reset in place of the answer.
const drained = 64 << 20

// limitBody bounds a request's body in size and in time. What goes beyond is an
// error to whoever reads it: [TooLarge], os.ErrDeadlineExceeded.
//
// http.Server.ReadTimeout would do the same, and for HTTP/1.1 only; this way the
// time is one a body, over both versions. It ends with the body: at its end
// net/http waits for the next request (HTTP/1.1) without a deadline, and closes
// the body's pipe (HTTP/2), which a later deadline leaves as it is. So a response
// may be as long as it likes.
func (m *Mux) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Without a body net/http reads from the connection already, to learn when
		// the client goes away; a deadline would look like that.
		if r.ContentLength != 0 {
			one := m.byPath[r.URL.Path]
			if one.kind != upload {
				// It cannot fail on the writers that net/http gives.
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(m.config.BodyTimeout))
			}
			r = &newBody(r, one, m.config.MaxRequestBytes).request
		}
		next.ServeHTTP(w, r)
	})
}

// LimitBody is for a handler that takes less than other requests may have.
func LimitBody(r *http.Request, limit int64) {
	if b, ok := r.Body.(*body); ok {
		b.limit = min(b.limit, limit)
	}
}

// body is a request's body, of which no message may be larger than the limit. A
// message is the body, or a frame of it.
type body struct {
	io.ReadCloser

	// request has this body. The one that came keeps its own, by whose type net/http
	// knows what there is still to read.
	request  http.Request
	limit    int64
	read     int64
	inFrames bool
	frames   frames
	failed   error
}

func newBody(r *http.Request, one route, limit int64) *body {
	b := &body{ReadCloser: r.Body, request: *r, limit: limit}
	b.request.Body = b
	switch {
	case one.service != "" && inFrames(r.Header.Get("Content-Type")):
		b.inFrames = true
	case one.kind == upload:
		b.limit = math.MaxInt64
	}
	return b
}

func inFrames(contentType string) bool {
	return strings.HasPrefix(contentType, "application/grpc") || strings.HasPrefix(contentType, "application/connect+")
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	if !b.inFrames && b.request.ContentLength > b.limit {
		return b.fail(b.tooLarge())
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if b.inFrames {
		if size := b.frames.largest(p[:n]); size > b.limit {
			return b.fail(b.frameTooLarge(size))
		}
	} else if b.read > b.limit {
		return b.fail(b.tooLarge())
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.broken(err)
	}
	return n, err
}

func (b *body) fail(err error) (int, error) {
	b.failed = err
	return 0, err
}

func (b *body) tooLarge() error {
	size := b.request.ContentLength
	if whole := b.drain(); whole && size < 0 {
		size = b.read
	}
	return TooLarge("the request", size, b.limit)
}

func (b *body) frameTooLarge(size int64) error {
	if b.request.ProtoMajor < 2 {
		b.drain()
	}
	return TooLarge("the message", size, b.limit)
}

// drain reads what there still is, and is true if that was all. A client that waits
// to be told to go on sends nothing, and is not told to.
func (b *body) drain() (whole bool) {
	if b.read == 0 && b.request.Header.Get("Expect") != "" {
		return false
	}
	n, err := io.CopyN(io.Discard, b.ReadCloser, drained)
	b.read += n
	return errors.Is(err, io.EOF)
}

// broken is what a body that can't be read means: mistakes of the client's are told
// from a connection that failed.
func (b *body) broken(err error) error {
	var network net.Error
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return connect.NewError(connect.CodeInvalidArgument, "the request ended before its end: it is shorter than it says").WithCause(err)
	case b.request.ProtoMajor == 1 && len(b.request.TransferEncoding) > 0 && !errors.As(err, &network):
		return connect.NewError(connect.CodeInvalidArgument, "the request is not in chunks as Transfer-Encoding: chunked says").WithCause(err)
	}
	return err
}

// frames follows the frames of a body: five bytes, the last four of which are a
// message's length, then the message.
type frames struct {
	head [5]byte
	have int   // of the head
	left int64 // of the message
}

// largest goes on over what was read, and returns the largest message that has begun
// in it.
func (f *frames) largest(p []byte) (size int64) {
	for len(p) > 0 {
		if f.left > 0 {
			passed := min(f.left, int64(len(p)))
			f.left -= passed
			p = p[passed:]
			continue
		}
		n := copy(f.head[f.have:], p)
		f.have += n
		p = p[n:]
		if f.have == len(f.head) {
			f.have, f.left = 0, int64(binary.BigEndian.Uint32(f.head[1:]))
			size = max(size, f.left)
		}
	}
	return size
}
