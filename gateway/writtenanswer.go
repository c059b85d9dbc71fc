package gateway

import (
	"bytes"
	"maps"
	"net/http"
)

// writtenAnswer is an answer that was written once, to be sent many times. It is an
// http.ResponseWriter.
type writtenAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *writtenAnswer) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

// WriteHeader implements http.ResponseWriter.
func (a *writtenAnswer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *writtenAnswer) Write(p []byte) (int, error) {
	return a.body.Write(p)
}

func (a *writtenAnswer) writeTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // a client that left has no use for it
}
