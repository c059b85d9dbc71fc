package server

import "context"

// Part is something to serve behind the listener.
type Part interface {
	// Mount adds its routes. It is called once, before anything is served.
	Mount(mux *Mux)
}

// Role is a part that works: it may not be ready to, and it has work to end. Its
// methods may be called at the same time.
type Role interface {
	Part

	// Name is the role in a word, for the operator: "gateway" or "subscriber".
	Name() string
	// Ready is nil when the role can do its work, and else says why not, in a line.
	// It is asked often and must not block.
	Ready() error
	// Stop begins the orderly end: new work is refused and long streams are ended;
	// what is in flight may finish. It returns at once or when done, and in any
	// case when ctx is.
	Stop(ctx context.Context)
}
