package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rollcall/internal/person"
	"rollcall/internal/stream"
)

// lookInterval is how often the gateway looks whether a submission would be stored.
const lookInterval = time.Second

var errNotAsked = errors.New("the stream was not reached yet")

// Run keeps an eye on the stream and the connection until ctx is done.
func (g *Gateway) Run(ctx context.Context) {
	var publishing sync.WaitGroup
	defer publishing.Wait()
	publishing.Go(func() { g.publisher.Run(ctx) })
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	var said string
	for {
		found := g.look(ctx)
		g.found.Store(&found)
		said = g.say(found, said)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// look returns nil if a submission now would be stored.
func (g *Gateway) look(ctx context.Context) error {
	state, err := g.stream.State(ctx)
	if err != nil {
		g.unasked = true
		return g.unreached(err)
	}
	if g.unasked {
		g.unasked = false
		g.publisher.Forget()
	}
	g.settings.Look(state)
	if err := g.settings.Err(); err != nil {
		return err
	}
	return g.publisher.Check(ctx, state, g.cfg.Storage())
}

// unreached says why the stream could not be asked, in the same words as long as it is
// the same.
func (g *Gateway) unreached(err error) error {
	switch {
	case errors.Is(err, stream.ErrNoStream):
		return fmt.Errorf("stream %q does not exist", g.stream.Name())
	case errors.Is(err, stream.ErrUnanswered):
		return fmt.Errorf("nobody answers for stream %q: it has no leader at the moment, as where most of its servers are away, or JetStream is not up", g.stream.Name())
	}
	return err
}

// say logs a change for the worse or the better, and returns what was said. That NATS
// is away, the connection says.
func (g *Gateway) say(found error, said string) string {
	switch {
	case found == nil && said != "" && !g.publisher.OnTrial():
		g.cfg.Logger.Info("submissions are stored again")
		return ""
	case found == nil, found.Error() == said, !g.stream.Connected(), errors.Is(found, stream.ErrAway), errors.Is(found, context.Canceled):
		return said
	}
	g.cfg.Logger.Warn("submissions can't be stored", "error", found)
	return found.Error()
}

// Ready returns nil while a submission would be stored.
func (g *Gateway) Ready() error {
	if !g.stream.Connected() {
		return stream.ErrAway
	}
	if found := g.found.Load(); found != nil {
		return *found
	}
	return errNotAsked
}

// obstacle returns why a submission can't be stored, where JetStream would not say so or
// would take what must not be given to it.
func (g *Gateway) obstacle() error {
	if !g.stream.Connected() {
		return stream.ErrAway
	}
	if err := g.cfg.Storage(); err != nil {
		return err
	}
	found := g.found.Load()
	if found != nil && (errors.Is(*found, stream.ErrSettings) || errors.Is(*found, stream.ErrStorage)) {
		return *found
	}
	return nil
}

// use is what the stream is used for here.
func use(subject string) stream.Use {
	return stream.Use{Subject: subject, Usual: person.MaxValid, Largest: person.MaxPayload}
}
