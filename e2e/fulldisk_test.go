package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
	"rollcall/internal/stream/streamtest"
)

// TestFullDiskUnderSubmissions fills the disk of `rollcall serve` and makes room again,
// several times, while persons are submitted and watched; at last it is killed while the
// disk is full, and started on it.
func TestFullDiskUnderSubmissions(t *testing.T) {
	const full = "gateway: the NATS server can't write to its disk"

	disk := streamtest.NewDisk(t, 32<<10)
	data := filepath.Join(disk.Dir, "data")
	server := new(traffic.Current)
	running := servers.StartServe(t, "--data", data)
	server.Conn.Store(running.Conn)

	importer := traffic.StartImporter(t.Context(), server)

	var watches []*traffic.Resuming
	for range crashWatches {
		watches = append(watches, traffic.StartResuming(t.Context(), server))
	}

	for range 3 {
		importer.AwaitMore(t, acksBeforeKill)
		disk.Fill(0)
		running.AwaitNotReady(t, full)
		requireRefusedAtOnce(t, running, "STORAGE")

		disk.MakeRoom()
		running.AwaitReady(t, http.StatusOK)
	}

	importer.AwaitMore(t, acksBeforeKill)
	disk.Fill(0)
	running.AwaitNotReady(t, full)
	running.Kill()

	// With another setting, which the disk does not take either.
	first := running
	running = servers.StartRollcall(t, "serve", "--data", data, "--duplicate-window", "9m")
	server.Conn.Store(running.Conn)
	running.AwaitNotReady(t, full)
	requireRefusedAtOnce(t, running, "STORAGE")

	w := traffic.StartWatch(t, running.Conn, clients.FromAll())
	w.Event(t, uint64(importer.Count()))

	disk.MakeRoom()
	running.AwaitReady(t, http.StatusOK)
	running.Line(t, func(line string) bool { return strings.Contains(line, "the stream is prepared") })
	requireSaved(t, data, `"duplicate_window":540000000000`)
	importer.AwaitMore(t, acksBeforeKill)
	importer.Stop(t)

	last := clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete("last"), "")).GetSequence()

	for _, watch := range append(watches, traffic.StartResuming(t.Context(), server)) {
		importer.RequireOnce(t, watch.StopAt(t, last))
	}

	t.Logf("NATS was started anew %d times", strings.Count(strings.Join(first.Said(), "\n"), "is started anew"))
	t.Logf("%d acknowledged, %d of them after a retry; %d events", importer.Count(), importer.Retried(), last)
}

// requireSaved looks for a setting in the file where NATS keeps the stream's.
func requireSaved(t *testing.T, data, setting string) {
	t.Helper()

	text, err := os.ReadFile(filepath.Join(data, "nats", "jetstream", "$G", "streams", servers.StreamName, "meta.inf"))
	if err != nil || !strings.Contains(string(text), setting) {
		t.Errorf("the settings on the disk are %s (%v), without %s", text, err, setting)
	}
}
