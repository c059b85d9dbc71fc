package traffic

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"rollcall/e2e/clients"
	"rollcall/e2e/ledger"
	"rollcall/e2e/servers"
	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
)

// Watch is one open watch, read all the time.
type Watch struct {
	mu     sync.Mutex
	ledger *ledger.Ledger
	broken error

	ended chan struct{}
	err   error // how it ended; read after ended
}

// StartWatch begins a watch and waits for its first response.
func StartWatch(t *testing.T, conn *grpc.ClientConn, request *contactv1.WatchPersonsRequest) *Watch {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())

	w, err := readWatch(ctx, conn, request, new(ledger.Ledger))
	if err != nil {
		cancel()
		t.Fatal(err)
	}

	t.Cleanup(func() {
		cancel()
		<-w.ended
		if w.broken != nil {
			t.Error(w.broken)
		}
	})
	w.Until(t, "first response", func(l *ledger.Ledger) bool { return len(l.Sources) > 0 })

	return w
}

// readWatch enters what comes in a ledger until the watch ends.
func readWatch(ctx context.Context, conn *grpc.ClientConn, request *contactv1.WatchPersonsRequest, into *ledger.Ledger) (*Watch, error) {
	stream, err := clients.OpenWatch(ctx, conn, request)
	if err != nil {
		return nil, err
	}

	w := &Watch{ledger: into, ended: make(chan struct{})}

	go func() {
		defer close(w.ended)

		for {
			response := new(contactv1.WatchPersonsResponse)
			if w.err = stream.RecvMsg(response); w.err != nil {
				return
			}

			w.enter(response)
		}
	}()

	return w, nil
}

// Seen is what was sent so far.
func (w *Watch) Seen() ledger.Ledger {
	w.mu.Lock()
	defer w.mu.Unlock()

	return *w.ledger
}

// End waits until the server has ended the watch, and returns the error it did so
// with, and the ledger.
func (w *Watch) End(t *testing.T) (*ledger.Ledger, error) {
	t.Helper()
	wait.Soon(t, "end of the watch", w.ended)

	if w.broken != nil {
		t.Error(w.broken)
	}

	return w.ledger, w.err
}

func (w *Watch) enter(response *contactv1.WatchPersonsResponse) {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.broken == nil {
		w.broken = w.ledger.Add(response)
	}
}

// Until waits for a state of the ledger.
func (w *Watch) Until(t *testing.T, what string, reached func(*ledger.Ledger) bool) {
	t.Helper()

	wait.For(t, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()

		switch {
		case w.broken != nil:
			t.Fatal(w.broken)
		case !reached(w.ledger):
			return fmt.Errorf("no %s; the watch is at %v", what, w.ledger.Position)
		}

		return nil
	})
}

// Event waits for the event at a sequence.
func (w *Watch) Event(t *testing.T, sequence uint64) *contactv1.PersonEvent {
	t.Helper()

	var found *contactv1.PersonEvent

	w.Until(t, fmt.Sprintf("event %d", sequence), func(l *ledger.Ledger) bool {
		for _, event := range l.Events {
			if event.GetSequence() == sequence {
				found = event
			}
		}

		return found != nil
	})

	return found
}

// ResumeOn takes a watch's ledger on to a sequence, on another server.
func ResumeOn(t *testing.T, s *servers.Server, request *contactv1.WatchPersonsRequest, into *ledger.Ledger, sequence uint64) {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	w, err := readWatch(ctx, s.Conn, request, into)
	if err != nil {
		t.Fatal(err)
	}

	w.Event(t, sequence)
	cancel()
	<-w.ended

	if w.broken != nil {
		t.Fatal(w.broken)
	}
}
