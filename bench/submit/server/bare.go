package server

import (
	"io"
	"net/http"

	"rollcall/bench/listen"
)

// startBare starts the least that an HTTP server of Go's can do with a submission:
// read it and answer ok.
func startBare() (System, error) {
	return listen.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, "ok") // a client that has gone finds out itself
	}))
}
