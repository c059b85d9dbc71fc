package server

import (
	"context"
	"net/http"
)

// Role is one of the services behind the listener. Its methods may be called at
// the same time.
type Role interface {
	// Name is the role in a word, for the operator: "gateway" or "subscriber".
	Name() string
	// Services are the fully qualified names of the RPC services it serves.
	Services() []string
	// Mount adds its RPCs, each with RPCOptions, and its plain routes. It is
	// called once, before anything is served.
	Mount(mux *http.ServeMux)
	// Streams are the paths whose responses are long streams: over HTTP/1.1 their
	// connections end with the response, and cost little while it is idle.
	Streams() []string
	// Uploads are the paths whose requests are long streams: of any length, for any
	// time. Their handlers bound what they keep of them.
	Uploads() []string
	// Ready is nil when the role can do its work, and else says why not, in a line.
	// It is asked often and must not block.
	Ready() error
	// Stop begins the orderly end: new work is refused and long streams are ended;
	// what is in flight may finish. It returns at once or when done, and in any
	// case when ctx is.
	Stop(ctx context.Context)
}
