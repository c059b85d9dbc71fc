package server

import (
	"errors"
	"fmt"
	"net/http"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
)

var refusals = connecthttp.NewErrorWriter() //nolint:gochecknoglobals // it is only read

// domain is the google.rpc.ErrorInfo domain of our reasons.
const domain = "rollcall"

// WithReason adds a reason, for programs, and what there is to know beside it.
func WithReason(err *connect.Error, reason string, metadata map[string]string) *connect.Error {
	return WithDetail(err, &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: metadata})
}

// WithDetail adds a detail.
func WithDetail(err *connect.Error, message proto.Message) *connect.Error {
	detail, packErr := connectproto.NewErrorDetail(message)
	if packErr != nil {
		panic(fmt.Sprintf("pack error detail: %v", packErr)) // of types that are compiled in
	}
	return err.WithDetail(detail)
}

// Refuse answers with an error as each RPC protocol has it, and as JSON where it is
// none of them.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errTooLarge) {
		w = &restated{w, http.StatusRequestEntityTooLarge}
	}
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
