package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rollcall/internal/stream"
)

// lookInterval is how often the gateway looks whether there is a stream to publish
// to.
const lookInterval = time.Second

var errNotAsked = errors.New("the stream was not reached yet")

// Run keeps an eye on the stream and the connection until ctx is done.
func (g *Gateway) Run(ctx context.Context) {
	var publishing sync.WaitGroup
	defer publishing.Wait()
	publishing.Go(func() { g.publisher.Run(ctx) })
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	for {
		g.found.Store(new(g.look(ctx)))
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// look returns nil if the stream is there and has a leader.
func (g *Gateway) look(ctx context.Context) error {
	_, err := g.stream.State(ctx)
	if errors.Is(err, stream.ErrNoStream) {
		return fmt.Errorf("stream %q does not exist", g.stream.Name())
	}
	return err
}

// Ready returns nil while the gateway can publish.
func (g *Gateway) Ready() error {
	if !g.stream.Connected() {
		return stream.ErrAway
	}
	if err := g.found.Load(); err != nil {
		return *err
	}
	return errNotAsked
}
