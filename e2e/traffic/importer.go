package traffic

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"rollcall/docs"
	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
)

// importers is how many persons an Importer submits at a time.
const importers = 8

// Importer submits new persons until it is stopped, and each until it is stored.
type Importer struct {
	server *Current
	// stopping ends it after the person that each worker is at.
	stopping atomic.Bool
	workers  sync.WaitGroup

	mu    sync.Mutex
	acked map[string]*contactv1.SubmitPersonResponse // by e-mail address
	wrong error
}

// StartImporter begins to submit.
func StartImporter(ctx context.Context, server *Current) *Importer {
	i := &Importer{server: server, acked: map[string]*contactv1.SubmitPersonResponse{}}

	for worker := range importers {
		i.workers.Go(func() {
			for n := 0; !i.stopping.Load() && ctx.Err() == nil; n++ {
				i.store(ctx, persons.Complete(fmt.Sprintf("person-%d-%d", worker, n)))
			}
		})
	}

	return i
}

// store tries with the same key until the outcome is known.
func (i *Importer) store(ctx context.Context, person *contactv1.Person) {
	for ctx.Err() == nil {
		response, err := clients.Submit(ctx, i.server.Conn.Load(), clients.Submission(person, person.GetEmail()))

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

func (i *Importer) note(person *contactv1.Person, response *contactv1.SubmitPersonResponse, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()

	if err != nil {
		i.wrong = err

		return
	}

	i.acked[person.GetEmail()] = response
}

// Count returns how many persons are acknowledged.
func (i *Importer) Count() int {
	i.mu.Lock()
	defer i.mu.Unlock()

	return len(i.acked)
}

// AwaitMore waits until so many more persons are acknowledged.
func (i *Importer) AwaitMore(t *testing.T, more int) {
	t.Helper()

	want := i.Count() + more

	wait.For(t, func() error {
		if got := i.Count(); got < want {
			return fmt.Errorf("%d persons are acknowledged, not yet %d", got, want)
		}

		return nil
	})
}

// Retried returns how many were stored already when they were acknowledged.
func (i *Importer) Retried() int {
	retried := 0

	for _, response := range i.acked {
		if response.GetDuplicate() {
			retried++
		}
	}

	return retried
}

// Stop ends it, and fails the test if something was refused.
func (i *Importer) Stop(t *testing.T) {
	t.Helper()
	i.stopping.Store(true)
	i.workers.Wait()

	if i.wrong != nil {
		t.Fatal(i.wrong)
	}
}

// RequireOnce checks that each acknowledged person is there at the acknowledged
// sequence, and nowhere else.
func (i *Importer) RequireOnce(t *testing.T, events []*contactv1.PersonEvent) {
	t.Helper()

	at := map[string]uint64{}

	for _, event := range events {
		email := event.GetPerson().GetEmail()
		if before := at[email]; before != 0 {
			t.Error(docs.KeyStoresOne.Brokenf("%s is at %d and at %d", email, before, event.GetSequence()))
		}

		at[email] = event.GetSequence()
	}

	for email, response := range i.acked {
		if at[email] != response.GetSequence() {
			t.Error(docs.OKMeansStored.Brokenf("%s was acknowledged at %d and is at %d", email, response.GetSequence(), at[email]))
		}
	}
}
