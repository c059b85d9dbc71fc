package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/grpc"

	contactv1 "rollcall/gen/contact/v1"
)

// watch is one open watch, read all the time.
type watch struct {
	mu     sync.Mutex
	ledger *ledger
	broken error

	ended chan struct{}
	err   error // how it ended; read after ended
}

// startWatch begins a watch and waits for its first response.
func startWatch(t *testing.T, conn *grpc.ClientConn, request *contactv1.WatchPersonsRequest) *watch {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())

	w, err := readWatch(ctx, conn, request, new(ledger))
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
	w.until(t, "first response", func(l *ledger) bool { return len(l.sources) > 0 })

	return w
}

// readWatch enters what comes in a ledger until the watch ends.
func readWatch(ctx context.Context, conn *grpc.ClientConn, request *contactv1.WatchPersonsRequest, into *ledger) (*watch, error) {
	stream, err := openWatch(ctx, conn, request)
	if err != nil {
		return nil, err
	}

	w := &watch{ledger: into, ended: make(chan struct{})}

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

func (w *watch) enter(response *contactv1.WatchPersonsResponse) {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.broken == nil {
		w.broken = w.ledger.add(response)
	}
}

// until waits for a state of the ledger.
func (w *watch) until(t *testing.T, what string, reached func(*ledger) bool) {
	t.Helper()

	eventually(t, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()

		switch {
		case w.broken != nil:
			t.Fatal(w.broken)
		case !reached(w.ledger):
			return fmt.Errorf("no %s; the watch is at %v", what, w.ledger.position)
		}

		return nil
	})
}

// event waits for the event at a sequence.
func (w *watch) event(t *testing.T, sequence uint64) *contactv1.PersonEvent {
	t.Helper()

	var found *contactv1.PersonEvent

	w.until(t, fmt.Sprintf("event %d", sequence), func(l *ledger) bool {
		for _, event := range l.events {
			if event.GetSequence() == sequence {
				found = event
			}
		}

		return found != nil
	})

	return found
}

// resumeOn takes a watch's ledger on to a sequence, on another server.
func resumeOn(t *testing.T, s *server, request *contactv1.WatchPersonsRequest, into *ledger, sequence uint64) {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	w, err := readWatch(ctx, s.conn, request, into)
	if err != nil {
		t.Fatal(err)
	}

	w.event(t, sequence)
	cancel()
	<-w.ended

	if w.broken != nil {
		t.Fatal(w.broken)
	}
}
