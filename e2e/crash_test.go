package e2e

import (
	"testing"

	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
)

const (
	crashes        = 8
	crashWatches   = 4
	acksBeforeKill = 100
)

func TestKillUnderSubmissions(t *testing.T) {
	data := t.TempDir()
	server := new(traffic.Current)
	running := servers.StartServe(t, "--data", data)
	server.Conn.Store(running.Conn)

	importer := traffic.StartImporter(t.Context(), server)

	var watches []*traffic.Resuming
	for range crashWatches {
		watches = append(watches, traffic.StartResuming(t.Context(), server))
	}

	for range crashes {
		importer.AwaitMore(t, acksBeforeKill)
		running.Kill()

		running = servers.StartServe(t, "--data", data)
		server.Conn.Store(running.Conn)
	}

	importer.AwaitMore(t, acksBeforeKill)
	importer.Stop(t)

	watches = append(watches, traffic.StartResuming(t.Context(), server)) // a fresh one
	last := clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete("last"), "")).GetSequence()

	for _, watch := range watches {
		importer.RequireOnce(t, watch.StopAt(t, last))
	}

	t.Logf("%d acknowledged, %d of them after a retry; %d events", importer.Count(), importer.Retried(), last)
}
