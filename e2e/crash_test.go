package e2e

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	contactv1 "rollcall/gen/contact/v1"
)

const (
	crashes        = 8
	crashWorkers   = 8
	crashWatches   = 4
	acksBeforeKill = 100
)

// current is where the server is now: after a crash it is elsewhere.
type current struct {
	conn atomic.Pointer[grpc.ClientConn]
	// proxied is set where a proxy stands between. It tells of a server that is gone
	// in the middle of an answer by a stream that is reset, or that ends without
	// trailers, and to gRPC either is INTERNAL.
	proxied bool
}

// broke tells a call whose connection broke off from one that was answered.
func (c *current) broke(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled: // canceled: the connection was replaced
		return true
	case codes.Internal:
		return c.proxied && len(status.Convert(err).Details()) == 0
	default:
		return false
	}
}

// importer submits new persons until it is stopped, and each until it is stored.
type importer struct {
	server *current
	// stopping ends it after the person that each worker is at.
	stopping atomic.Bool
	workers  sync.WaitGroup

	mu    sync.Mutex
	acked map[string]*contactv1.SubmitPersonResponse // by e-mail address
	wrong error
}

func startImporter(ctx context.Context, server *current) *importer {
	i := &importer{server: server, acked: map[string]*contactv1.SubmitPersonResponse{}}

	for worker := range crashWorkers {
		i.workers.Go(func() {
			for n := 0; !i.stopping.Load() && ctx.Err() == nil; n++ {
				i.store(ctx, complete(fmt.Sprintf("person-%d-%d", worker, n)))
			}
		})
	}

	return i
}

// store tries with the same key until the outcome is known.
func (i *importer) store(ctx context.Context, person *contactv1.Person) {
	for ctx.Err() == nil {
		response, err := submit(ctx, i.server.conn.Load(), submission(person, person.GetEmail()))

		switch {
		case err == nil:
			i.note(person, response, nil)

			return
		case i.server.broke(err) || status.Code(err) == codes.DeadlineExceeded:
			pauseBriefly(ctx)
		default:
			i.note(person, nil, err)

			return
		}
	}
}

// pauseBriefly keeps those who retry from taking the machine.
func pauseBriefly(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Millisecond):
	}
}

func (i *importer) note(person *contactv1.Person, response *contactv1.SubmitPersonResponse, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()

	if err != nil {
		i.wrong = err

		return
	}

	i.acked[person.GetEmail()] = response
}

func (i *importer) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()

	return len(i.acked)
}

// awaitMore waits until so many more persons are acknowledged.
func (i *importer) awaitMore(t *testing.T, more int) {
	t.Helper()

	want := i.count() + more

	eventually(t, func() error {
		if got := i.count(); got < want {
			return fmt.Errorf("%d persons are acknowledged, not yet %d", got, want)
		}

		return nil
	})
}

// retried returns how many were stored already when they were acknowledged.
func (i *importer) retried() int {
	retried := 0

	for _, response := range i.acked {
		if response.GetDuplicate() {
			retried++
		}
	}

	return retried
}

func (i *importer) stop(t *testing.T) {
	t.Helper()
	i.stopping.Store(true)
	i.workers.Wait()

	if i.wrong != nil {
		t.Fatal(i.wrong)
	}
}

// resuming is a watch that is made again whenever it ends, from its last position.
type resuming struct {
	server *current
	cancel context.CancelFunc
	ended  chan struct{}

	mu     sync.Mutex
	ledger *ledger
	broken error
}

func startResuming(ctx context.Context, server *current) *resuming {
	ctx, cancel := context.WithCancel(ctx)
	r := &resuming{server: server, cancel: cancel, ended: make(chan struct{}), ledger: new(ledger)}

	go func() {
		defer close(r.ended)

		for ctx.Err() == nil {
			r.watchOnce(ctx)
			pauseBriefly(ctx)
		}
	}()

	return r
}

func (r *resuming) watchOnce(ctx context.Context) {
	request := fromAll()
	if at := r.position(); at != nil {
		request = after(at)
	}

	stream, err := openWatch(ctx, r.server.conn.Load(), request)
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

func (r *resuming) enter(response *contactv1.WatchPersonsResponse) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.broken == nil {
		r.broken = r.ledger.add(response)
	}
}

func (r *resuming) breakWith(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.broken == nil {
		r.broken = err
	}
}

func (r *resuming) position() *contactv1.Position {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.ledger.position == nil {
		return nil
	}

	return &contactv1.Position{Epoch: r.ledger.position.GetEpoch(), Sequence: r.ledger.position.GetSequence()}
}

// stopAt waits for a sequence and returns what was seen up to it.
func (r *resuming) stopAt(t *testing.T, sequence uint64) []*contactv1.PersonEvent {
	t.Helper()

	eventually(t, func() error {
		r.mu.Lock()
		defer r.mu.Unlock()

		switch at := r.ledger.position.GetSequence(); {
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

	return r.ledger.events
}

func TestKillUnderSubmissions(t *testing.T) {
	data := t.TempDir()
	server := new(current)
	running := startServe(t, "--data", data)
	server.conn.Store(running.conn)

	importer := startImporter(t.Context(), server)

	var watches []*resuming
	for range crashWatches {
		watches = append(watches, startResuming(t.Context(), server))
	}

	for range crashes {
		importer.awaitMore(t, acksBeforeKill)
		running.kill()

		running = startServe(t, "--data", data)
		server.conn.Store(running.conn)
	}

	importer.awaitMore(t, acksBeforeKill)
	importer.stop(t)

	watches = append(watches, startResuming(t.Context(), server)) // a fresh one
	last := mustSubmit(t, running.conn, submission(complete("last"), "")).GetSequence()

	for _, watch := range watches {
		requireOnce(t, importer.acked, watch.stopAt(t, last))
	}

	t.Logf("%d acknowledged, %d of them after a retry; %d events", len(importer.acked), importer.retried(), last)
}

// requireOnce checks that each acknowledged person is there at the acknowledged
// sequence, and nowhere else.
func requireOnce(t *testing.T, acked map[string]*contactv1.SubmitPersonResponse, events []*contactv1.PersonEvent) {
	t.Helper()

	at := map[string]uint64{}

	for _, event := range events {
		email := event.GetPerson().GetEmail()
		if before := at[email]; before != 0 {
			t.Errorf("%s is at %d and at %d", email, before, event.GetSequence())
		}

		at[email] = event.GetSequence()
	}

	for email, response := range acked {
		if at[email] != response.GetSequence() {
			t.Errorf("%s was acknowledged at %d and is at %d", email, response.GetSequence(), at[email])
		}
	}
}
