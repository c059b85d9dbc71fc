package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// lingerTimeout is how long a client may take to close its side once it has all of
// the response. Closed at once, what it still sends would be answered with a
// reset, and that may overtake the response's end.
const lingerTimeout = 500 * time.Millisecond

// takeOver serves the paths of long streams, over HTTP/1.1, on connections that
// are taken over from net/http. What net/http keeps for a connection's next request
// (two buffers, its goroutine's stack) costs 30 KiB, and an idle stream has none;
// and its chunked writer needs three system calls for a large write, this one.
// Everything inside of next is as it is elsewhere; the connection ends with the
// response.
func (s *Server) takeOver(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || s.mux.byPath[r.URL.Path].kind != stream || (r.Method != http.MethodGet && r.Method != http.MethodPost) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
			next.ServeHTTP(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			s.config.Logger.WarnContext(r.Context(), "take over a connection", "error", err)
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
			return
		}
		if !s.taken.add(conn) {
			_ = conn.Close()
			return
		}
		// net/http's context ends with this function; its values are the request's.
		ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
		taken := r.WithContext(ctx)
		taken.Body = io.NopCloser(bytes.NewReader(body))
		go func() {
			defer s.taken.done(conn)
			serveTaken(conn, taken, cancel, next)
		}()
	})
}

// serveTaken serves one request and ends the connection.
func serveTaken(conn net.Conn, r *http.Request, cancel context.CancelFunc, next http.Handler) {
	defer conn.Close()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer cancel()
		discard(conn)
	}()
	w := newChunked(conn, r)
	if serveUnlessAborted(w, r, next) && w.finish() == nil {
		_ = conn.SetReadDeadline(time.Now().Add(lingerTimeout))
	} else {
		_ = conn.Close()
	}
	<-gone
}

// serveUnlessAborted is false if the handler broke off, as http.ErrAbortHandler
// says: then the client must not take the response for a whole one.
func serveUnlessAborted(w http.ResponseWriter, r *http.Request, next http.Handler) (whole bool) {
	defer func() {
		cause := recover()
		if err, ok := cause.(error); cause != nil && (!ok || !errors.Is(err, http.ErrAbortHandler)) {
			panic(cause)
		}
	}()
	next.ServeHTTP(w, r)
	return true
}

// discard reads until the client closes its side, and takes no notice of what it
// sends: there is no next request on this connection.
func discard(conn net.Conn) {
	waste := make([]byte, 64)
	for {
		if _, err := conn.Read(waste); err != nil {
			return
		}
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// takenConns are the connections that net/http does not count any more.
type takenConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
	left   sync.WaitGroup
}

// add is false once they were all closed.
func (t *takenConns) add(conn net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	if t.conns == nil {
		t.conns = make(map[net.Conn]struct{})
	}
	t.conns[conn] = struct{}{}
	t.left.Add(1)
	return true
}

func (t *takenConns) done(conn net.Conn) {
	t.mu.Lock()
	delete(t.conns, conn)
	t.mu.Unlock()
	t.left.Done()
}

// wait returns when all are done, or with ctx's error.
func (t *takenConns) wait(ctx context.Context) error {
	all := make(chan struct{})
	go func() {
		t.left.Wait()
		close(all)
	}()
	select {
	case <-all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close cuts all of them off, and those to come.
func (t *takenConns) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for conn := range t.conns {
		_ = conn.Close()
	}
}
