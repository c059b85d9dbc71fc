package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect/v2"
	"go.uber.org/goleak"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// role is a gateway, or subscriber, of which a test decides everything.
type role struct {
	contactv1connect.UnimplementedSubmitServiceHandler
	contactv1connect.UnimplementedWatchServiceHandler

	name       string
	procedures []string
	entered    chan struct{}    // a handler of /hold or /stream is running
	release    chan struct{}    // lets /hold answer
	next       chan struct{}    // lets /stream write another line
	stopping   chan struct{}    // Stop was called; /stream ends
	taken      http.HandlerFunc // serves /taken, on a connection taken over

	mu    sync.Mutex
	ready error
}

func newRole(name string, procedures ...string) *role {
	return &role{
		name: name, procedures: procedures,
		entered:  make(chan struct{}, 10),
		release:  make(chan struct{}),
		next:     make(chan struct{}),
		stopping: make(chan struct{}),
	}
}

func gateway() *role {
	return newRole("gateway", contactv1connect.SubmitServiceSubmitPersonProcedure,
		contactv1connect.SubmitServiceSubmitPersonsProcedure, contactv1connect.SubmitServiceImportPersonsProcedure)
}

func subscriber() *role {
	return newRole("subscriber", contactv1connect.WatchServiceWatchPersonsProcedure)
}

func (r *role) Name() string { return r.name }

func (r *role) Ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready
}

func (r *role) setReady(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready = err
}

func (r *role) Stop(context.Context) { close(r.stopping) }

func (r *role) Mount(mux *server.Mux) {
	prefix := "/" + r.name
	mux.Unary("POST "+prefix+"/size", http.HandlerFunc(r.size))
	mux.Upload("POST "+prefix+"/upload", http.HandlerFunc(r.size))
	mux.Unary(prefix+"/hold", http.HandlerFunc(r.hold))
	mux.Stream(prefix+"/stream", http.HandlerFunc(r.stream))
	mux.Stream(prefix+"/taken", http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { r.taken(w, req) }))
	mux.Unary(prefix+"/panic", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh no") }))
	mux.Unary(prefix+"/late-panic", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half an ans")
		_ = http.NewResponseController(w).Flush()
		panic("oh no, late")
	}))
	rpc := mux.Connect(nil, func(rpc *connect.Server) {
		contactv1connect.RegisterSubmitServiceHandler(rpc, r)
		contactv1connect.RegisterWatchServiceHandler(rpc, r)
	})
	for _, procedure := range r.procedures {
		mux.RPC(procedure, rpc)
	}
}

func (r *role) SubmitPerson(context.Context, *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	return &contactv1.SubmitPersonResponse{Epoch: "e", Sequence: 1}, nil
}

// ImportPersons takes what comes.
func (r *role) ImportPersons(_ context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error {
	for {
		if _, err := stream.Receive(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// size answers how large the body is, or why it cannot be read.
func (r *role) size(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		http.Error(w, err.Error(), http.StatusRequestTimeout)
	case err != nil:
		server.Refuse(w, req, err)
	default:
		_, _ = fmt.Fprint(w, len(body))
	}
}

// hold answers when it is let to.
func (r *role) hold(w http.ResponseWriter, req *http.Request) {
	r.entered <- struct{}{}
	select {
	case <-r.release:
		_, _ = io.WriteString(w, "held")
	case <-req.Context().Done():
	}
}

// stream reads its body, then writes a line whenever it is let to, until Stop.
func (r *role) stream(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body)
	r.entered <- struct{}{}
	line := "first\n"
	for {
		_, _ = io.WriteString(w, line)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.next:
			line = "next\n"
		case <-r.stopping:
			_, _ = io.WriteString(w, "end\n")
			return
		case <-req.Context().Done():
			return
		}
	}
}

// fixture is a server that serves until stop.
type fixture struct {
	address string
	stop    func() error // begins the stop and returns what Serve did
	begin   func()       // begins the stop
	wait    func() error // returns what Serve did
}

func (f *fixture) url(path string) string { return "http://" + f.address + path }

func newFixture(t *testing.T, config server.Config, parts ...server.Part) *fixture {
	t.Helper()
	config.Listen = "127.0.0.1:0"
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := server.New(config, parts...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	wait := sync.OnceValue(func() error { return <-served })
	stop := func() error { cancel(); return wait() }
	t.Cleanup(func() { _ = stop() })
	return &fixture{address: s.Addr().String(), stop: stop, begin: cancel, wait: wait}
}

// versions are clients of both HTTP versions.
func versions(t *testing.T, test func(t *testing.T, client *http.Client)) {
	t.Helper()
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			test(t, newClient(t, version))
		})
	}
}

func newClient(t *testing.T, version string) *http.Client {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(version == "HTTP/1.1")
	protocols.SetUnencryptedHTTP2(version == "HTTP/2.0")
	transport := &http.Transport{Protocols: protocols, DialContext: new(net.Dialer).DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: versionCheck{transport, version}}
}

// versionCheck fails requests that were answered in another HTTP version.
type versionCheck struct {
	http.RoundTripper

	version string
}

func (c versionCheck) RoundTrip(req *http.Request) (*http.Response, error) {
	response, err := c.RoundTripper.RoundTrip(req)
	if err == nil && response.Proto != c.version {
		_ = response.Body.Close()
		return nil, fmt.Errorf("answered in %s, not %s", response.Proto, c.version)
	}
	return response, err
}

func request(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// ask sends a request and returns status and body.
func ask(t *testing.T, client *http.Client, req *http.Request) (int, string) {
	t.Helper()
	response := send(t, client, req)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func send(t *testing.T, client *http.Client, req *http.Request) *http.Response {
	t.Helper()
	response, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func contains(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}
