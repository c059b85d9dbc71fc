package subscriber

import (
	"context"
	"net/http"
	"sync"
	"time"

	"rollcall/internal/server"
)

// connections are those of the open watches. A client may take its time over what
// it is sent, but neither for ever nor beyond a stop.
type connections struct {
	// timeout is how long a client may take nothing.
	timeout time.Duration
	// quiet is how long a watch may be silent at most.
	quiet time.Duration

	mu   sync.Mutex
	open map[*connection]struct{}
	// last is the latest that anything may be written; zero until the stop.
	last time.Time
}

// connection is what one watch writes to.
type connection struct {
	all        *connections
	controller *http.ResponseController
	request    context.Context //nolint:containedctx // whose connection it is
	response   http.Header
	// deadline is as the watch's goroutine last set it.
	deadline time.Time
}

func newConnections(timeout, quiet time.Duration) *connections {
	return &connections{timeout: timeout, quiet: quiet, open: make(map[*connection]struct{})}
}

// extend gives the client its time to take what is sent at now. The deadline is
// moved only now and then: a system timer costs more than the clock.
func (c *connection) extend(now time.Time) {
	if c.deadline.Sub(now) > c.all.timeout {
		return
	}
	c.set(now.Add(c.all.timeout + c.all.timeout/8))
}

// rest is for when nothing is being sent: over HTTP/2 a deadline that passes ends
// the stream even then.
func (c *connection) rest() {
	if c.all.timeout <= c.all.quiet {
		c.set(time.Time{})
	}
}

func (c *connection) set(deadline time.Time) {
	c.deadline = deadline
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.all.last.IsZero() {
		c.write(deadline)
	}
}

// write sets the deadline. A transport without deadlines keeps its own.
func (c *connection) write(deadline time.Time) { _ = c.controller.SetWriteDeadline(deadline) }

// graceTime is for a watch to end once its last deadline has passed.
const graceTime = 250 * time.Millisecond

// endBy lets nothing be written after last, by whatever watch.
func (c *connections) endBy(last time.Time) {
	time.AfterFunc(time.Until(last)+graceTime, c.disconnect)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = last
	for one := range c.open {
		one.write(last)
	}
}

// disconnect is for those whom no deadline reaches.
func (c *connections) disconnect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for one := range c.open {
		server.Disconnect(one.request)
	}
}

func (c *connections) add(w http.ResponseWriter, r *http.Request) *connection {
	one := &connection{all: c, controller: http.NewResponseController(w), request: r.Context(), response: w.Header()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[one] = struct{}{}
	if !c.last.IsZero() {
		one.write(c.last)
	}
	return one
}

// remove must come before the handler returns, after which the controller may not
// be used. The last deadline stays, for the response's end.
func (c *connections) remove(one *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, one)
}

type connectionKey struct{}

// serve gives each request's context its connection.
func (c *connections) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := c.add(w, r)
		defer c.remove(one)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), connectionKey{}, one)))
	})
}

func connectionOf(ctx context.Context) *connection {
	one, _ := ctx.Value(connectionKey{}).(*connection)
	return one
}
