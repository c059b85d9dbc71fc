package statefile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	contactv1 "rollcall/gen/contact/v1"
)

func openState(t *testing.T, path, filter string) *Watch {
	t.Helper()

	state, err := OpenWatch(path, filter)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if state.lock != nil {
			_ = state.Close()
		}
	})

	return state
}

func wantSaved(t *testing.T, path, want string) {
	t.Helper()

	content, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(content), `"position": "`+want+`"`) {
		t.Errorf("saved %q, %v; want the position %s", content, err, want)
	}
}

func at(sequence uint64) *contactv1.Position {
	return &contactv1.Position{Epoch: "e1", Sequence: sequence}
}

func TestAStateGoesOnWhereItWasClosed(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")

	first := openState(t, path, "true")
	if first.Start() != nil {
		t.Errorf("a new state starts after %v", first.Start())
	}

	for sequence := range uint64(10) {
		if err := first.Moved(at(sequence)); err != nil {
			t.Fatal(err)
		}
	}

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	content, err := os.ReadFile(path)
	if want := "{\n  \"version\": 1,\n  \"position\": \"e1:9\",\n  \"filter\": \"true\"\n}\n"; err != nil || string(content) != want {
		t.Errorf("saved %q, %v; want %q", content, err, want)
	}

	if start := openState(t, path, "true").Start(); start.GetEpoch() != "e1" || start.GetSequence() != 9 {
		t.Errorf("goes on after %v", start)
	}
}

func TestAStateIsSavedAtOnceThenOnceASecond(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")

	synctest.Test(t, func(t *testing.T) {
		state := openState(t, path, "")

		for sequence, want := range []string{"e1:0", "e1:0", "e1:0", "e1:0"} {
			if err := state.Moved(at(uint64(sequence))); err != nil {
				t.Fatal(err)
			}

			wantSaved(t, path, want)
			time.Sleep(SaveInterval / 5)
		}

		time.Sleep(SaveInterval / 5)
		synctest.Wait()
		wantSaved(t, path, "e1:3")

		if err := state.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAStateThatCannotBeGoneOnFromIsRefused(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ content, want string }{
		"empty":         {"", "it is empty: give another file"},
		"no JSON":       {"e1:7\n", "it holds no JSON"},
		"cut":           {`{"version": 1, "posit`, "it holds no JSON"},
		"other JSON":    {`{}`, "its version is 0"},
		"newer":         {`{"version": 2, "position": "e1:7"}`, "its version is 2, and this rollcall knows 1"},
		"no position":   {`{"version": 1, "position": "7"}`, `position "7" is not EPOCH:SEQUENCE`},
		"other filter":  {`{"version": 1, "position": "e1:7", "filter": "false"}`, "it belongs to a watch with the filter 'false', and this one is with the filter 'true': give the same filter, or another file"},
		"no filter yet": {`{"version": 1, "position": "e1:7"}`, "it belongs to a watch without a filter, and this one is with the filter 'true'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path := filepath.Join(t.TempDir(), "state.json")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}

			_, err := OpenWatch(path, "true")
			if !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %q", err, test.want)
			}

			if content, err := os.ReadFile(path); err != nil || string(content) != test.content {
				t.Errorf("it was changed to %q, %v", content, err)
			}
		})
	}
}

func TestAStateThatCannotBeSavedIsSaidAtOnce(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "taken.new"), 0o700); err != nil {
		t.Fatal(err)
	}

	for _, path := range []string{
		filepath.Join(dir, "no", "such", "folder"),
		filepath.Join(dir, "taken"), // as an unwritable folder would: root may write anywhere
		dir,
		"/proc/state",
	} {
		if state, err := OpenWatch(path, ""); err == nil || errors.Is(err, ErrUnfit) {
			t.Errorf("%s: got %v, %v, want an error", path, state, err)
		}
	}
}

func TestAStateIsOneWatchs(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")
	first := openState(t, path, "")

	if err := first.Moved(at(1)); err != nil {
		t.Fatal(err)
	}

	link := path + "-link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{path, link} {
		if _, err := OpenWatch(name, ""); err == nil || !strings.Contains(err.Error(), "is in use by another watch") {
			t.Errorf("%s: got %v", name, err)
		}
	}

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	openState(t, link, "")
}
