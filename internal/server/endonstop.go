package server

import (
	"context"
	"net/http"
	"time"
)

// endOnStop ends what the handler is doing when the server stops. It is for the
// streams that no role ends: a health watch, or a reflection that waits for its
// client's next question, would otherwise hold the stop up to its bound.
func (s *Server) endOnStop(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		ended := make(chan struct{})
		keep := context.AfterFunc(s.stopping, func() { //nolint:contextcheck // the server's end, not the request's
			defer close(ended)
			cancel()
			// Wakes a handler that reads its request. Where it is not supported there
			// is no such handler either.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(-time.Second))
		})
		// The deadline must not be set once the handler has returned.
		defer func() {
			if !keep() {
				<-ended
			}
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
