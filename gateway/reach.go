package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// reachInterval is how often the gateway looks whether there is a stream to
// publish to.
const reachInterval = time.Second

var errNotAsked = errors.New("the stream was not reached yet")

// Run keeps an eye on the stream and the connection until ctx is done.
func (g *Gateway) Run(ctx context.Context) {
	var publishing sync.WaitGroup
	defer publishing.Wait()
	publishing.Go(func() { g.publisher.run(ctx) })
	ticker := time.NewTicker(reachInterval)
	defer ticker.Stop()
	for {
		g.reachable.Store(new(g.reach(ctx)))
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// reach returns nil if the stream is there and has a leader.
func (g *Gateway) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := g.js.Stream(ctx, g.cfg.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("stream %q does not exist", g.cfg.Stream)
	}
	if err != nil {
		return fmt.Errorf("stream %q cannot be asked: %w", g.cfg.Stream, err)
	}
	g.epoch.saw(s.CachedInfo())
	return nil
}

// Ready returns nil while the gateway can publish.
func (g *Gateway) Ready() error {
	if !g.nc.IsConnected() {
		return errNATSAway
	}
	if err := g.reachable.Load(); err != nil {
		return *err
	}
	return errNotAsked
}
