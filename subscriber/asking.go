package subscriber

import (
	"context"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// asking shares questions to the stream's leader: of a thousand watches that open
// at once each must know how the stream is now, but one question may ask for many.
// An answer is only given to those who came before its question was sent, so it is
// never older than their call; singleflight would let them join one under way.
type asking struct {
	ask func(context.Context) (*jetstream.StreamInfo, error)

	mu sync.Mutex
	// next is the question to send when the one under way is answered.
	next *question
	// busy is set while there is someone to send it.
	busy bool
}

type question struct {
	answered chan struct{}
	info     *jetstream.StreamInfo
	err      error
}

// info asks the leader. The answer is shared: it must not be changed.
func (a *asking) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	a.mu.Lock()
	if a.next == nil {
		a.next = &question{answered: make(chan struct{})}
	}
	q := a.next
	if !a.busy {
		a.busy = true
		go a.send() //nolint:contextcheck,gosec // it asks for many; none of their contexts bounds it
	}
	a.mu.Unlock()
	select {
	case <-q.answered:
		return q.info, q.err
	case <-ctx.Done():
		return nil, ctx.Err() //nolint:wrapcheck // the caller acts on it
	}
}

// send asks until nobody waits.
func (a *asking) send() {
	for {
		a.mu.Lock()
		q := a.next
		a.next, a.busy = nil, q != nil
		a.mu.Unlock()
		if q == nil {
			return
		}
		q.info, q.err = a.ask(context.Background())
		close(q.answered)
	}
}
