package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// stopBound is within what a stop must come to its end.
const stopBound = 10 * time.Second

func TestStopUnderSubmissions(t *testing.T) {
	data := t.TempDir()
	running := startServe(t, "--data", data)
	server := new(current)
	server.conn.Store(running.conn)

	importer := startImporter(t.Context(), server)
	page := startPageWatch(t, running)

	var watches []*watch
	for range crashWatches {
		watches = append(watches, startWatch(t, running.conn, fromAll()))
	}

	importer.awaitMore(t, acksBeforeKill)

	began := time.Now()
	running.terminate()

	if code := running.exitStatus(t); code != 0 {
		t.Errorf("exit status %d", code)
	}

	if took := time.Since(began); took > stopBound {
		t.Errorf("it took %v", took)
	}

	for _, w := range watches {
		<-w.ended

		if status.Code(w.err) != codes.Unavailable || w.broken != nil {
			t.Errorf("the watch ended with %v (%v)", w.err, w.broken)
		}

		requireOrderly(t, w.err)
	}

	if end := soon(t, "end of the page's watch", page); !strings.Contains(end, `"code":"unavailable"`) {
		t.Errorf("the page's watch ended with %q", end)
	}

	again := startServe(t, "--data", data)
	server.conn.Store(again.conn)
	importer.stop(t)

	last := mustSubmit(t, again.conn, submission(complete("last"), "")).GetSequence()

	// What was seen before the stop and what comes after it are the whole.
	for _, w := range watches {
		resumeOn(t, again, after(w.ledger.position), w.ledger, last)
		requireOnce(t, importer.acked, w.ledger.events)
	}
}

// startPageWatch watches as a web page does, over HTTP/1.1, and returns what the
// last frame says.
func startPageWatch(t *testing.T, s *server) <-chan string {
	t.Helper()

	request := frame{payload: []byte(`{"all":{}}`)}.bytes()

	response, err := http.Post(s.url+watchMethod, "application/connect+json", bytes.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { response.Body.Close() })

	end := make(chan string, 1)

	go func() {
		for {
			frame, err := readFrame(response.Body)
			if err != nil {
				end <- err.Error()

				return
			}

			if frame.flags == connectEnd {
				end <- string(frame.payload)

				return
			}
		}
	}()

	return end
}

// requireOrderly tells an answer from a connection that broke off, which grpc-go
// reports by the same code.
func requireOrderly(t *testing.T, err error) {
	t.Helper()

	if message := status.Convert(err).Message(); !strings.Contains(message, "stopping") {
		t.Errorf("the watch was cut off: %q", message)
	}
}
