package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"connectrpc.com/connect/v2"
)

// observe logs every request at debug level, without its query, which may name
// persons; and it survives a handler's panic, which ends that request alone.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.inFlight.Add(1)
		defer s.inFlight.Add(-1)
		if conn, ok := r.Context().Value(connKey{}).(*connection); ok && r.ProtoMajor == 1 && !conn.http1.Load() {
			conn.http1.Store(true)
		}
		response := &response{ResponseWriter: w, stopping: s.stopping}
		defer s.logRequest(r, response, time.Now())
		defer s.survive(response, r)
		next.ServeHTTP(response, r)
		response.begin() // net/http answers 200 for a handler that said nothing.
	})
}

// survive must be deferred. A handler that panics before it has answered is
// answered for; after that the stream is broken off, so that no client takes half
// a response for a whole one.
func (s *Server) survive(w *response, r *http.Request) {
	cause := recover() //nolint:revive // this function is the deferred one
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause) // How a handler breaks off; net/http knows.
	}
	s.config.Logger.WarnContext(r.Context(), "handler panicked",
		"method", r.Method, "path", r.URL.Path, "panic", cause, "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	Refuse(w, r, connect.NewError(connect.CodeInternal, "internal error"))
}

func (s *Server) logRequest(r *http.Request, w *response, began time.Time) {
	if !s.config.Logger.Enabled(r.Context(), slog.LevelDebug) {
		return // else each request would pay for the values below
	}
	s.config.Logger.DebugContext(r.Context(), "request",
		"method", r.Method, "path", r.URL.Path, "protocol", r.Proto, "remote", r.RemoteAddr,
		"status", w.status, "bytes", w.bytes, "took", time.Since(began))
}

// response remembers what was answered. It unwraps, so that
// http.ResponseController reaches all that net/http's own can do.
type response struct {
	http.ResponseWriter

	status   int // 0 until it is known
	bytes    int64
	stopping context.Context //nolint:containedctx // the server's, not the request's
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	// 1xx announce the answer; 101 is one.
	if w.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		w.start(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	w.begin()
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush implements http.Flusher, which some handlers ask for by type.
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *response) FlushError() error {
	w.begin()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *response) begin() {
	if w.status == 0 {
		w.start(http.StatusOK)
	}
}

// start comes before the header is sent. Once the server is stopping, the client is
// told to send nothing more on this connection; over HTTP/2 net/http says so in its
// own way.
func (w *response) start(status int) {
	w.status = status
	if w.stopping.Err() != nil {
		w.Header().Set("Connection", "close")
	}
}
