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

	"rollcall/e2e/clients"
	"rollcall/e2e/ledger"
	"rollcall/e2e/persons"
	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
	contactv1 "rollcall/gen/contact/v1"
)

// newEpoch runs `rollcall new-epoch` and returns the epoch it prints.
func newEpoch(t *testing.T, arguments ...string) string {
	t.Helper()

	output, err := exec.Command(programs.Rollcall(), append([]string{"new-epoch", "--yes"}, arguments...)...).Output()
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
func requireToldAnew(t *testing.T, w *traffic.Watch, last *contactv1.SubmitPersonResponse, epoch string) {
	t.Helper()

	w.Until(t, "new epoch", func(l *ledger.Ledger) bool {
		return l.Position.GetEpoch() == epoch && l.Position.GetSequence() >= 1
	})

	gaps := w.Seen().Gaps
	if len(gaps) != 1 {
		t.Fatalf("gaps: %v", gaps)
	}

	requireSame(t, gaps[0], &contactv1.Gap{First: last.GetSequence() + 1, Reason: contactv1.GapReason_GAP_REASON_EPOCH_CHANGED})
}

func TestNewEpochAfterARestore(t *testing.T) {
	f := newFixture(t)

	var last *contactv1.SubmitPersonResponse
	for n := range 3 {
		last = clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete(fmt.Sprint(n)), ""))
	}

	open := traffic.StartWatch(t, f.subscribers[0].Conn, clients.FromAll())
	open.Event(t, last.GetSequence())

	// Without --yes it only says what it would do.
	output, err := exec.Command(programs.Rollcall(), "new-epoch", "--nats", f.nats.URL()).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "has the epoch "+last.GetEpoch()+"; with a new one") || !strings.Contains(string(output), "its 3 messages") {
		t.Errorf("%v: %s", err, output)
	}

	epoch := newEpoch(t, "--nats", f.nats.URL())

	requireToldAnew(t, open, last, epoch)
	requireToldAnew(t, traffic.StartWatch(t, f.subscribers[1].Conn, clients.After(clients.Position(last))), last, epoch)

	gateway := servers.StartRollcall(t, "gateway", "--nats", f.nats.URL())
	if next := clients.MustSubmit(t, gateway.Conn, clients.Submission(persons.Complete("next"), "")); next.GetEpoch() != epoch || next.GetSequence() != 4 {
		t.Errorf("stored at %v, want 4 in the epoch %s", next, epoch)
	}
}

// TestNewEpochOfTheEmbeddedServer restores a copy of the data folder.
func TestNewEpochOfTheEmbeddedServer(t *testing.T) {
	data, backup := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "copy")
	running := servers.StartServe(t, "--data", data)
	clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete("copied"), ""))

	output, err := exec.Command(programs.Rollcall(), "new-epoch", "--yes", "--data", data).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "in use by another rollcall") {
		t.Errorf("while it runs: %v: %s", err, output)
	}

	stop := func() {
		running.Terminate()
		running.ExitStatus(t)
	}

	stop()

	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}

	running = servers.StartServe(t, "--data", data)
	last := clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete("lost"), ""))

	stop()

	if err := errors.Join(os.RemoveAll(data), os.Rename(backup, data)); err != nil {
		t.Fatal(err)
	}

	epoch := newEpoch(t, "--data", data)
	running = servers.StartServe(t, "--data", data)

	if again := clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete("new"), "")); again.GetSequence() != last.GetSequence() || again.GetEpoch() != epoch {
		t.Errorf("stored at %v after the restore, and %v before", again, last)
	}

	w := traffic.StartWatch(t, running.Conn, clients.After(clients.Position(last)))
	requireToldAnew(t, w, last, epoch)
	w.Until(t, "what took the sequence of the lost", func(l *ledger.Ledger) bool { return len(l.Events) == 2 })
	requireSame(t, w.Seen().Events[1].GetPerson(), persons.Complete("new"))
}
