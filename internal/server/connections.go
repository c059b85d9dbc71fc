package server

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// quietTime is how long a connection must have carried no request before a stop
	// closes it. Until then its client may be about to send one, and each that is
	// answered meanwhile tells it to send no more.
	quietTime = 500 * time.Millisecond
	// quietLook is how often a stop looks for such connections.
	quietLook = 20 * time.Millisecond
)

// connection is one that was accepted.
type connection struct {
	*net.TCPConn

	// quietSince is since when it carries no request, in nanoseconds; 0 while it does.
	quietSince atomic.Int64
	// used is set once something came; http1, once that was a request by HTTP/1.
	used, http1 atomic.Bool
}

// endsQuietly is true for connections that end where nothing more is read from them.
// Over HTTP/2 the client has to be told of the end, which net/http does.
func (c *connection) endsQuietly() bool { return c.http1.Load() || !c.used.Load() }

// connections are those that are open.
type connections struct {
	mu   sync.Mutex
	open map[*connection]struct{}
}

func (c *connections) add(tcp *net.TCPConn) *connection {
	added := &connection{TCPConn: tcp}
	added.quietSince.Store(time.Now().UnixNano())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = make(map[*connection]struct{})
	}
	c.open[added] = struct{}{}
	return added
}

// note is an http.Server's ConnState.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	noted, ok := conn.(*connection)
	if !ok {
		return
	}
	switch state {
	case http.StateNew:
	case http.StateActive:
		noted.used.Store(true)
		noted.quietSince.Store(0)
	case http.StateIdle:
		noted.quietSince.Store(time.Now().UnixNano())
	case http.StateHijacked, http.StateClosed:
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.open, noted)
	}
}

// end ends the connections that end quietly, each once it has been quiet for its time,
// and returns when there are no more, or ctx is done.
//
// http.Server.Shutdown would close them at once, and with them requests that have come
// and are not read yet. This ends the reading alone: what has come is still read, and
// answered.
func (c *connections) end(ctx context.Context) {
	ticker := time.NewTicker(quietLook)
	defer ticker.Stop()
	for c.endQuiet(time.Now().Add(-quietTime).UnixNano()) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// endQuiet ends those that have been quiet since before then; false if none is left to
// end.
func (c *connections) endQuiet(then int64) (left bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for one := range c.open {
		if !one.endsQuietly() {
			continue
		}
		left = true
		if since := one.quietSince.Load(); since != 0 && since < then {
			_ = one.CloseRead() // it may have ended
		}
	}
	return left
}
