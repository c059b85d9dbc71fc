package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
)

// newEpoch runs `rollcall new-epoch` and returns the epoch it prints.
func newEpoch(t *testing.T, arguments ...string) string {
	t.Helper()

	output, err := exec.Command(rollcall, append([]string{"new-epoch", "--yes"}, arguments...)...).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}

	said := regexp.MustCompile(`^stream "stream" has the epoch (\d+) now; it was \d+\n$`).FindSubmatch(output)
	if said == nil {
		t.Fatalf("it prints %q", output)
	}

	return string(said[1])
}

// requireToldAnew checks what a watch gets that resumes, or goes on, after last.
func requireToldAnew(t *testing.T, w *watch, last *contactv1.SubmitPersonResponse, epoch string) {
	t.Helper()

	w.until(t, "new epoch", func(l *ledger) bool {
		return l.position.GetEpoch() == epoch && l.position.GetSequence() >= 1
	})

	w.mu.Lock()
	defer w.mu.Unlock()

	if len(w.ledger.gaps) != 1 {
		t.Fatalf("gaps: %v", w.ledger.gaps)
	}

	requireSame(t, w.ledger.gaps[0], &contactv1.Gap{First: last.GetSequence() + 1, Reason: contactv1.GapReason_GAP_REASON_EPOCH_CHANGED})
}

func TestNewEpochAfterARestore(t *testing.T) {
	s := startServices(t)

	var last *contactv1.SubmitPersonResponse
	for n := range 3 {
		last = mustSubmit(t, s.gateway.conn, submission(complete(fmt.Sprint(n)), ""))
	}

	open := startWatch(t, s.subscribers[0].conn, fromAll())
	open.event(t, last.GetSequence())

	// Without --yes it only says what it would do.
	output, err := exec.Command(rollcall, "new-epoch", "--nats", s.nats.url()).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "has the epoch "+last.GetEpoch()+"; with a new one") || !strings.Contains(string(output), "its 3 messages") {
		t.Errorf("%v: %s", err, output)
	}

	epoch := newEpoch(t, "--nats", s.nats.url())

	requireToldAnew(t, open, last, epoch)
	requireToldAnew(t, startWatch(t, s.subscribers[1].conn, after(position(last))), last, epoch)

	gateway := startRollcall(t, "gateway", "--nats", s.nats.url())
	if next := mustSubmit(t, gateway.conn, submission(complete("next"), "")); next.GetEpoch() != epoch || next.GetSequence() != 4 {
		t.Errorf("stored at %v, want 4 in the epoch %s", next, epoch)
	}
}

// TestNewEpochOfTheEmbeddedServer restores a copy of the data folder.
func TestNewEpochOfTheEmbeddedServer(t *testing.T) {
	data, backup := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "copy")
	running := startServe(t, "--data", data)
	mustSubmit(t, running.conn, submission(complete("copied"), ""))

	output, err := exec.Command(rollcall, "new-epoch", "--yes", "--data", data).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "in use by another rollcall") {
		t.Errorf("while it runs: %v: %s", err, output)
	}

	stop := func() {
		running.terminate()
		running.exitStatus(t)
	}

	stop()

	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}

	running = startServe(t, "--data", data)
	last := mustSubmit(t, running.conn, submission(complete("lost"), ""))

	stop()

	if err := errors.Join(os.RemoveAll(data), os.Rename(backup, data)); err != nil {
		t.Fatal(err)
	}

	epoch := newEpoch(t, "--data", data)
	running = startServe(t, "--data", data)

	if again := mustSubmit(t, running.conn, submission(complete("new"), "")); again.GetSequence() != last.GetSequence() || again.GetEpoch() != epoch {
		t.Errorf("stored at %v after the restore, and %v before", again, last)
	}

	w := startWatch(t, running.conn, after(position(last)))
	requireToldAnew(t, w, last, epoch)
	w.until(t, "what took the sequence of the lost", func(l *ledger) bool { return len(l.events) == 2 })
	requireSame(t, w.ledger.events[1].GetPerson(), complete("new"))
}
