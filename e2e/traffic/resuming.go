package traffic

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"rollcall/e2e/clients"
	"rollcall/e2e/ledger"
	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
)

// Resuming is a watch that is made again whenever it ends, from its last position.
type Resuming struct {
	server *Current
	cancel context.CancelFunc
	ended  chan struct{}

	mu     sync.Mutex
	ledger *ledger.Ledger
	broken error
}

// StartResuming begins to watch everything there is.
func StartResuming(ctx context.Context, server *Current) *Resuming {
	ctx, cancel := context.WithCancel(ctx)
	r := &Resuming{server: server, cancel: cancel, ended: make(chan struct{}), ledger: new(ledger.Ledger)}

	go func() {
		defer close(r.ended)

		for ctx.Err() == nil {
			r.watchOnce(ctx)
			pauseBriefly(ctx)
		}
	}()

	return r
}

func (r *Resuming) watchOnce(ctx context.Context) {
	request := clients.FromAll()
	if at := r.position(); at != nil {
		request = clients.After(at)
	}

	stream, err := clients.OpenWatch(ctx, r.server.Conn.Load(), request)
	for err == nil {
		response := new(contactv1.WatchPersonsResponse)
		if err = stream.RecvMsg(response); err == nil {
			r.enter(response)
		}
	}

	if !r.server.broke(err) {
		r.breakWith(fmt.Errorf("the watch ended with %w", err))
	}
}

func (r *Resuming) enter(response *contactv1.WatchPersonsResponse) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.broken == nil {
		r.broken = r.ledger.Add(response)
	}
}

func (r *Resuming) breakWith(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.broken == nil {
		r.broken = err
	}
}

func (r *Resuming) position() *contactv1.Position {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.ledger.Position == nil {
		return nil
	}

	return &contactv1.Position{Epoch: r.ledger.Position.GetEpoch(), Sequence: r.ledger.Position.GetSequence()}
}

// StopAt waits for a sequence and returns what was seen up to it.
func (r *Resuming) StopAt(t *testing.T, sequence uint64) []*contactv1.PersonEvent {
	t.Helper()

	wait.For(t, func() error {
		r.mu.Lock()
		defer r.mu.Unlock()

		switch at := r.ledger.Position.GetSequence(); {
		case r.broken != nil:
			t.Fatal(r.broken)
		case at < sequence:
			return fmt.Errorf("the watch is at %d, not yet at %d", at, sequence)
		}

		return nil
	})
	r.cancel()
	<-r.ended

	if r.broken != nil {
		t.Fatal(r.broken)
	}

	return r.ledger.Events
}
