package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

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

// TestStopAnswersEveryCall has clients of HTTP/1.1 and of gRPC that submit one person after
// another while the server gets SIGTERM. A call ends without an answer only where its
// connection was refused.
func TestStopAnswersEveryCall(t *testing.T) {
	const each = 30

	running := servers.StartServe(t, "--data", t.TempDir())

	var (
		callers  sync.WaitGroup
		answered atomic.Int64
	)

	for range each {
		conn := servers.Dial(t, running.Address(), insecure.NewCredentials())

		callers.Go(func() {
			for submitOverHTTP11(t, running.Address(), &answered) {
				continue
			}
		})
		callers.Go(func() {
			for submitOverGRPC(t, conn, &answered) {
				continue
			}
		})
	}

	wait.For(t, func() error {
		if answered.Load() < 500 {
			return errors.New("few are answered")
		}

		return nil
	})
	running.Terminate()

	if code := running.ExitStatus(t); code != 0 {
		t.Errorf("exit status %d", code)
	}

	callers.Wait()
}

// submitOverHTTP11 submits on one connection until it is told that no more is taken on
// it; false if there is none to be had.
func submitOverHTTP11(t *testing.T, address string, answered *atomic.Int64) bool {
	t.Helper()

	conn, err := net.Dial("tcp", address)
	if err != nil {
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("connecting: %v", err)
		}

		return false
	}
	defer conn.Close()

	const body = `{"person":{"name":"Ada","email":"ada@example.org"}}`

	answers := bufio.NewReader(conn)

	for {
		_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", clients.SubmitMethod, len(body), body)
		if err != nil {
			t.Errorf("HTTP/1.1: %v", err)

			return false
		}

		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Errorf("HTTP/1.1: no answer: %v", err)

			return false
		}

		_, _ = io.Copy(io.Discard, answer.Body)

		if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("HTTP/1.1: %s", answer.Status)
		}

		answered.Add(1)

		if answer.Close {
			return true
		}
	}
}

// submitOverGRPC submits once; false if the server is gone.
func submitOverGRPC(t *testing.T, conn *grpc.ClientConn, answered *atomic.Int64) bool {
	t.Helper()

	_, err := clients.Submit(t.Context(), conn, clients.Submission(persons.Bare("grpc"), ""))

	said := status.Convert(err).Message()

	switch {
	case err == nil:
		answered.Add(1)

		return true
	case strings.Contains(said, "the server is stopping"):
		return true
	case strings.Contains(said, "connection refused"):
		return false
	}

	t.Errorf("gRPC: %v", err)

	return false
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
