package server

import (
	"net/http"
	"time"
)

// limitBody bounds a request's body in size and in time. What goes beyond is an
// error to whoever reads it: http.MaxBytesError, os.ErrDeadlineExceeded.
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
		if r.ContentLength != 0 && m.kindOf(r) != upload {
			// It cannot fail on the writers that net/http gives.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(m.config.BodyTimeout))
			r.Body = http.MaxBytesReader(w, r.Body, m.config.MaxRequestBytes)
		}
		next.ServeHTTP(w, r)
	})
}
