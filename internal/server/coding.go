package server

import (
	"net/http"
	"strings"

	"connectrpc.com/connect/v2"
)

// The headers with a coding, and those with what a client takes, by all protocols.
var (
	codingHeaders = []string{"Content-Encoding", "Connect-Content-Encoding", "Grpc-Encoding"}      //nolint:gochecknoglobals // it is only read
	takingHeaders = []string{"Accept-Encoding", "Connect-Accept-Encoding", "Grpc-Accept-Encoding"} //nolint:gochecknoglobals // it is only read
)

// plainCodings writes the codings in a request's headers as Connect knows them. HTTP has
// them without regard to case, with x-gzip for gzip and with weights for what is
// accepted, and Connect does not.
func plainCodings(header http.Header) {
	for _, name := range codingHeaders {
		if values := header[name]; len(values) > 0 {
			values[0] = coding(values[0])
		}
	}
	for _, name := range takingHeaders {
		if values := header[name]; len(values) > 1 || (len(values) == 1 && values[0] != connect.CompressionNameGzip && values[0] != connect.CompressionNameIdentity) {
			taken := connect.CompressionNameIdentity
			if max(Preference(values, connect.CompressionNameGzip), Preference(values, "x-gzip")) > 0 {
				taken = connect.CompressionNameGzip
			}
			header[name] = []string{taken}
		}
	}
}

func coding(name string) string {
	switch {
	case strings.EqualFold(name, connect.CompressionNameGzip), strings.EqualFold(name, "x-gzip"):
		return connect.CompressionNameGzip
	case strings.EqualFold(name, connect.CompressionNameIdentity):
		return connect.CompressionNameIdentity
	}
	return name
}

// uncoded serves the requests of a plain route, which have no coding.
func uncoded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if given := r.Header.Get("Content-Encoding"); given != "" && coding(given) != connect.CompressionNameIdentity {
			w.Header().Set("Accept-Encoding", connect.CompressionNameIdentity)
			refuseWith(http.StatusUnsupportedMediaType, w, r, connect.Errorf(connect.CodeUnimplemented,
				"Content-Encoding: is %s: this path takes requests as they are, without a coding", quoted(given)))
			return
		}
		next.ServeHTTP(w, r)
	})
}
