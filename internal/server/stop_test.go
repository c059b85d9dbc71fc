package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"rollcall/internal/server"
)

func TestStopFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	versions(t, func(t *testing.T, client *http.Client) {
		role := gateway()
		f := newFixture(t, server.Config{}, role)
		stream := send(t, client, request(t, http.MethodGet, f.url("/gateway/stream"), nil))
		<-role.entered
		held := make(chan string, 1)
		go func() {
			_, answer := ask(t, client, request(t, http.MethodGet, f.url("/gateway/hold"), nil))
			held <- answer
		}()
		<-role.entered

		f.begin()
		<-role.stopping
		refusesConnections(t, f)
		refusesRequests(t, client, f)
		if body, err := io.ReadAll(stream.Body); err != nil || string(body) != "first\nend\n" {
			t.Errorf("stream: got %q (%v)", body, err)
		}
		close(role.release)
		if answer := <-held; answer != "held" {
			t.Errorf("request in flight: got %q", answer)
		}
		if err := f.wait(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func refusesConnections(t *testing.T, f *fixture) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", f.address)
	if err == nil {
		_ = conn.Close()
		t.Error("a new connection is taken")
	}
}

// refusesRequests returns once requests are no longer answered on connections
// that are open: over HTTP/2 from when the client has had the GOAWAY.
func refusesRequests(t *testing.T, client *http.Client, f *fixture) {
	t.Helper()
	for {
		response, err := client.Do(request(t, http.MethodGet, f.url("/livez"), nil))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	versions(t, func(t *testing.T, client *http.Client) {
		role := gateway()
		f := newFixture(t, server.Config{StopTimeout: 50 * time.Millisecond}, role)
		cut := make(chan error, 1)
		go func() {
			response, err := client.Do(request(t, http.MethodGet, f.url("/gateway/hold"), nil))
			if err == nil {
				_ = response.Body.Close()
			}
			cut <- err
		}()
		<-role.entered
		err := f.stop()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want DeadlineExceeded", err)
		}
		contains(t, err.Error(), "stop: 1 requests were cut off after 50ms")
		if err := <-cut; err == nil {
			t.Error("the request that was cut off got an answer")
		}
	})
}

// stubborn is a role whose Stop takes until it is let go.
type stubborn struct {
	*role

	let chan struct{}
}

func (s stubborn) Stop(context.Context) { <-s.let }

func TestStopDoesNotWaitForARoleForEver(t *testing.T) {
	t.Parallel()
	role := stubborn{gateway(), make(chan struct{})}
	defer close(role.let)
	f := newFixture(t, server.Config{StopTimeout: 50 * time.Millisecond}, role)
	err := f.stop()
	if err == nil {
		t.Fatal("got no error")
	}
	contains(t, err.Error(), "stop gateway: ")
}

func TestStopEndsHealthWatchesAndReflection(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{BodyTimeout: time.Hour}, gateway())
	conn := dial(t, f)
	watch, err := healthv1.NewHealthClient(conn).Watch(t.Context(), &healthv1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal(err)
	}
	reflection, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, reflection)
	if err := f.stop(); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := watch.Recv(); err == nil {
		t.Error("the health watch goes on")
	}
	if _, err := reflection.Recv(); err == nil {
		t.Error("the reflection stream goes on")
	}
}

// TestStopAnswersEveryRequestThatCame has clients that send one request after another,
// some on a connection for each, while the server stops. What is not answered must not
// have been sent: the connection was refused, or its end was told before.
func TestStopAnswersEveryRequestThatCame(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pause time.Duration
		once  bool
	}{
		"one after another":        {},
		"with a pause between":     {pause: 3 * time.Millisecond},
		"with a longer pause":      {pause: 100 * time.Millisecond},
		"on a connection for each": {once: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, server.Config{}, gateway())
			var clients sync.WaitGroup
			var answered atomic.Int64
			for range 50 {
				clients.Go(func() {
					for {
						conn, err := net.Dial("tcp", f.address)
						if err != nil {
							if !errors.Is(err, syscall.ECONNREFUSED) {
								t.Errorf("connecting: %v", err)
							}
							return
						}
						err = askUntilTold(conn, test.pause, test.once, &answered)
						_ = conn.Close()
						if err != nil {
							t.Errorf("no answer: %v", err)
							return
						}
					}
				})
			}
			for answered.Load() < 200 {
				time.Sleep(time.Millisecond)
			}
			if err := f.stop(); err != nil {
				t.Error(err)
			}
			clients.Wait()
		})
	}
}

// askUntilTold sends requests until the server says that it takes no more on the
// connection, and counts those that are answered.
func askUntilTold(conn net.Conn, pause time.Duration, once bool, answered *atomic.Int64) error {
	answers := bufio.NewReader(conn)
	for {
		if _, err := io.WriteString(conn, "POST /gateway/size HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"); err != nil {
			return err
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		answered.Add(1)
		if once || answer.Close {
			return nil
		}
		time.Sleep(pause)
	}
}

// TestStopTellsHTTP2OfTheEnd has clients over HTTP/2, which are told up to which of
// their requests was answered, and send the others again by themselves.
func TestStopTellsHTTP2OfTheEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	var clients sync.WaitGroup
	var answered atomic.Int64
	for range 20 {
		client := newClient(t, "HTTP/2.0")
		for range 3 {
			clients.Go(func() {
				for {
					response, err := client.Post(f.url("/gateway/size"), "text/plain", strings.NewReader("hello"))
					if err != nil {
						if !errors.Is(err, syscall.ECONNREFUSED) {
							t.Error(err)
						}
						return
					}
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
					answered.Add(1)
				}
			})
		}
	}
	for answered.Load() < 200 {
		time.Sleep(time.Millisecond)
	}
	if err := f.stop(); err != nil {
		t.Error(err)
	}
	clients.Wait()
}

func TestUnusedConnectionsAreNoFailure(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{StopTimeout: 50 * time.Millisecond}, gateway())
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The server has taken the earlier connection when it answers on a later one.
	ask(t, newClient(t, "HTTP/1.1"), request(t, http.MethodGet, f.url("/livez"), nil))
	if err := f.stop(); err != nil {
		t.Errorf("Serve: %v", err)
	}
}
