package subscriber

import (
	"context"
	"errors"
	"net/http"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"

	"rollcall/internal/server"
)

// getEvents serves GET /events, for clients without a library: the same watch as
// WatchPersons, asked for by the query and sent as an event stream or as lines of
// JSON.
func (s *Subscriber) getEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	request, err := eventsRequest(r)
	if err == nil {
		err = server.Validate(protovalidate.GlobalValidator, request)
	}
	stream := newEventStream(w, wantedEncoding(r))
	switch {
	case err != nil:
	case r.Method == http.MethodHead:
		stream.begin()
		return
	default:
		err = s.serve(r.Context(), request, stream.encoding, stream)
	}
	if errors.Is(err, context.Canceled) { // it may have closed its side alone, and read on
		err = connect.NewError(connect.CodeCanceled, "the client has closed its side of the connection").WithCause(err)
	}
	if stream.begun || stream.encoding == inSSE && isPassing(err) {
		stream.end(err)
		return
	}
	if connect.CodeOf(err) == connect.CodeUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	server.Refuse(w, r, err)
}

// isPassing reports whether the same may be asked again later. An EventSource does so
// only after an answer 200: by any other it gives up for ever.
func isPassing(err error) bool {
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeUnauthenticated, connect.CodePermissionDenied,
		connect.CodeFailedPrecondition, connect.CodeNotFound, connect.CodeOutOfRange, connect.CodeUnimplemented:
		return false
	default:
		return true
	}
}

// wantedEncoding is an event stream for whom accepts one by name, as EventSource
// does, unless lines of JSON are wanted more.
func wantedEncoding(r *http.Request) encoding {
	accept := r.Header.Values("Accept")
	wanted := server.Preference(accept, contentTypes[inSSE])
	if wanted > 0 && wanted >= server.Preference(accept, contentTypes[inNDJSON]) {
		return inSSE
	}
	return inNDJSON
}
