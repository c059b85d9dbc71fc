package client

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/statefile"
)

func openState(t *testing.T, path string) *statefile.Watch {
	t.Helper()

	state, err := statefile.OpenWatch(path, "")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = state.Close() })

	return state
}

// savedPosition is the one in a state file; "" where there is none yet.
func savedPosition(path string) string {
	var saved struct {
		Position string `json:"position"`
	}

	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &saved)
	}

	if err != nil {
		return ""
	}

	return saved.Position
}

// statePrinter looks at each flush at what is saved by then.
type statePrinter struct {
	recorder

	path  string
	saved []string
	// eventsFail is the error of flushing events.
	eventsFail error
	flushFail  error
}

func (p *statePrinter) Event(event *contactv1.PersonEvent) error {
	p.flushFail = p.eventsFail

	return p.recorder.Event(event)
}

func (p *statePrinter) Flush() error {
	p.saved = append(p.saved, savedPosition(p.path))

	return p.flushFail
}

// slowly sends responses so far apart that a state is saved at each.
func slowly(responses ...*contactv1.WatchPersonsResponse) watchScript {
	return func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
		for _, response := range responses {
			send(response)
			_ = pause(ctx, 2*statefile.SaveInterval)
		}

		return stayOpen(ctx)
	}
}

func TestAPositionIsSavedAfterItsEventsAreFlushed(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")

	synctest.Test(t, func(t *testing.T) {
		server := newFixture(t)
		server.watches = []watchScript{slowly(
			progress("e1", 4),
			events(5, 6),
			gap(7, 9, contactv1.GapReason_GAP_REASON_DELETED),
			progress("e1", 20), // a filter left the events between out
			events(21),
		)}
		printed := &statePrinter{path: path}
		state := openState(t, path)
		watch, _ := newWatch(server.direct(), printed)
		watch.Start, watch.Count, watch.State = StartLast(2), 3, state

		if err := watch.Run(t.Context()); err != nil {
			t.Fatal(err)
		}

		wantLines(t, printed.saved, []string{"", "e1:4", "e1:6", "e1:9", "e1:20"})

		if err := state.Close(); err != nil || savedPosition(path) != "e1:21" {
			t.Errorf("saved %s, %v at last; want e1:21", savedPosition(path), err)
		}
	})
}

func TestWhatWasNotFlushedIsNotSaved(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")

	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		server := newFixture(t)
		server.watches = []watchScript{slowly(progress("e1", 4), events(5))}
		state := openState(t, path)
		watch, _ := newWatch(server.direct(), &statePrinter{path: path, eventsFail: full})
		watch.State = state

		if err := watch.Run(t.Context()); !errors.Is(err, full) {
			t.Fatalf("got %v, want the printer's error", err)
		}

		if err := state.Close(); err != nil || savedPosition(path) != "e1:4" {
			t.Errorf("saved %s, %v at last; want e1:4", savedPosition(path), err)
		}
	})
}

func TestAWatchWithAStateStartsFromIt(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(path, []byte(`{"version": 1, "position": "a:b:7"}`), 0o600); err != nil {
		t.Fatal(err)
	}

	server := newFixture(t)
	server.watches = []watchScript{
		func(context.Context, func(*contactv1.WatchPersonsResponse)) error {
			return connect.NewError(connect.CodeInvalidArgument, "scripted")
		},
	}
	watch, _ := newWatch(server.listen(ProtocolConnect), &recorder{})
	watch.Start, watch.State = StartAll(), openState(t, path)

	err := watch.Run(t.Context())
	if want := "watching after the position in " + path + ": scripted (INVALID_ARGUMENT)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}

	wantAfter(t, server.watchRequests[0], "a:b:7")
}

func TestAStateThatFailsToSaveEndsTheWatch(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	state := openState(t, filepath.Join(dir, "state.json"))

	if err := os.Mkdir(filepath.Join(dir, "state.json.new"), 0o700); err != nil {
		t.Fatal(err)
	}

	server := newFixture(t)
	server.watches = []watchScript{
		func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
			send(progress("e1", 4))

			return stayOpen(ctx)
		},
	}
	watch, notices := newWatch(server.listen(ProtocolConnect), &recorder{})
	watch.State = state

	err := watch.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "saving the position: ") || len(*notices) != 0 {
		t.Errorf("got %v, notices %q", err, *notices)
	}

	if closing := state.Close(); closing == nil {
		t.Error("closing says nothing of it")
	}
}
