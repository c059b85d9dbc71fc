package natsserver

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"rollcall/internal/stream"
)

const (
	// roomInterval is how often the disk is looked at. What is stored meanwhile has to
	// fit into what is kept free.
	roomInterval = 100 * time.Millisecond
	// healthInterval is how often the server is asked whether it could write.
	healthInterval = time.Second
	// leastPause and mostPause are between one start of the server and the next: longer
	// each time that it could write for no longer than enough.
	leastPause = time.Second
	mostPause  = time.Minute
	enough     = 5 * time.Second
)

// Storage returns why nothing can be stored at this moment, as [stream.ErrStorage], or
// nil.
func (s *Server) Storage() error { return *s.storage.Load() }

// renewal is what is known of a server that may have to be started anew.
type renewal struct {
	// full is why the disk took nothing when it was last looked at, failed why the server
	// could not write when it was last asked, and since when that is known.
	full, failed error
	asked, since time.Time
	// down is set if it could not be started anew.
	down bool
	// last is when it was started anew, pause how long after that it is not again.
	last  time.Time
	pause time.Duration
}

// watch looks after the server and its disk until ctx is done.
func (s *Server) watch(ctx context.Context) {
	ticker := time.NewTicker(roomInterval)
	defer ticker.Stop()
	var r renewal
	for {
		s.look(&r)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) look(r *renewal) {
	full := s.disk.full()
	if hasRoomAgain := r.full != nil && full == nil; hasRoomAgain || time.Since(r.asked) >= healthInterval {
		r.asked = time.Now()
		r.ask(s.server.Load())
		if full == nil && r.failed != nil {
			s.renew(r)
		}
	}
	r.full = full
	found := cmp.Or(full, r.failed)
	s.storage.Store(&found)
}

// ask finds out whether a server can write, as far as it knows.
func (r *renewal) ask(of *server.Server) {
	before := r.failed
	if !r.down {
		r.failed = failure(of)
	}
	if before == nil && r.failed != nil {
		r.since = time.Now()
	}
}

// renew starts the server anew if the disk takes something again. A server that could
// not write once never tries again; what it has stored can be read all the same, so it
// is left alone until then.
func (s *Server) renew(r *renewal) {
	if time.Since(r.last) < r.pause || s.disk.probe() != nil {
		return
	}
	r.pause = min(2*r.pause, mostPause)
	if r.since.Sub(r.last) > enough {
		r.pause = leastPause
	}
	r.last = time.Now()
	s.log.Warn("NATS in this process is started anew: the disk can be written again", "error", r.failed)
	s.shutdown()
	started, err := startServer(s.options, s.disk, s.log)
	if err != nil {
		r.failed, r.down = fmt.Errorf("%w: %w", stream.ErrStorage, err), true
		return
	}
	s.server.Store(started)
	r.failed, r.down = nil, false
}

// failure returns why a server can't write, nil if it can as far as it knows.
func failure(of *server.Server) error {
	for _, found := range of.Healthz(&server.HealthzOptions{Details: true}).Errors {
		if found.Type == server.HealthzErrorJetStream || strings.Contains(found.Error, "write error") {
			return fmt.Errorf("%w: %s", stream.ErrStorage, found.Error)
		}
	}
	return nil
}
