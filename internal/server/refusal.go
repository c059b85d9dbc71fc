package server

import (
	"net/http"

	"connectrpc.com/connect/v2/connecthttp"
)

var refusals = connecthttp.NewErrorWriter() //nolint:gochecknoglobals // it is only read

// Refuse answers with an error as each RPC protocol has it, and as JSON where it is
// none of them.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	_ = refusals.Write(w, r, err) // a client that left needs no answer
}

// refuseWith is Refuse with a status of HTTP's own, where the protocol leaves HTTP
// its status.
func refuseWith(status int, w http.ResponseWriter, r *http.Request, err error) {
	Refuse(&restated{w, status}, r, err)
}

// restated has another status than it is told, unless that is 200, with which gRPC
// and Connect's streams carry a status of their own.
type restated struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *restated) WriteHeader(told int) {
	if told != http.StatusOK {
		told = w.status
	}
	w.ResponseWriter.WriteHeader(told)
}
