package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/e2e/clients"
	"rollcall/e2e/ledger"
	"rollcall/e2e/persons"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
	"rollcall/e2e/wait"
)

// stopBound is within what a stop must come to its end.
const stopBound = 10 * time.Second

func TestStopUnderSubmissions(t *testing.T) {
	data := t.TempDir()
	running := servers.StartServe(t, "--data", data)
	server := new(traffic.Current)
	server.Conn.Store(running.Conn)

	importer := traffic.StartImporter(t.Context(), server)
	page := startPageWatch(t, running)

	var watches []*traffic.Watch
	for range crashWatches {
		watches = append(watches, traffic.StartWatch(t, running.Conn, clients.FromAll()))
	}

	importer.AwaitMore(t, acksBeforeKill)

	began := time.Now()
	running.Terminate()

	if code := running.ExitStatus(t); code != 0 {
		t.Errorf("exit status %d", code)
	}

	if took := time.Since(began); took > stopBound {
		t.Errorf("it took %v", took)
	}

	var ledgers []*ledger.Ledger

	for _, w := range watches {
		seen, err := w.End(t)
		requireOrderly(t, err)

		ledgers = append(ledgers, seen)
	}

	if end := wait.Soon(t, "end of the page's watch", page); !strings.Contains(end, `"code":"unavailable"`) {
		t.Errorf("the page's watch ended with %q", end)
	}

	again := servers.StartServe(t, "--data", data)
	server.Conn.Store(again.Conn)
	importer.Stop(t)

	last := clients.MustSubmit(t, again.Conn, clients.Submission(persons.Complete("last"), "")).GetSequence()

	// What was seen before the stop and what comes after it are the whole.
	for _, seen := range ledgers {
		traffic.ResumeOn(t, again, clients.After(seen.Position), seen, last)
		importer.RequireOnce(t, seen.Events)
	}
}

// startPageWatch watches as a web page does, over HTTP/1.1, and returns what the
// last frame says.
func startPageWatch(t *testing.T, s *servers.Server) <-chan string {
	t.Helper()

	request := clients.Frame{Payload: []byte(`{"all":{}}`)}.Bytes()

	response, err := http.Post(s.URL+clients.WatchMethod, "application/connect+json", bytes.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { response.Body.Close() })

	end := make(chan string, 1)

	go func() {
		for {
			frame, err := clients.ReadFrame(response.Body)
			if err != nil {
				end <- err.Error()

				return
			}

			if frame.Flags == clients.ConnectEnd {
				end <- string(frame.Payload)

				return
			}
		}
	}()

	return end
}
