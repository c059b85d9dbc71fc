package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream/streamtest"
)

func TestHAProxy(t *testing.T) { tryProxy(t, servers.HAProxy) }

func TestNginx(t *testing.T) { tryProxy(t, servers.Nginx) }

const (
	importMethod = "/contact.v1.SubmitService/ImportPersons"
	statusMethod = "/contact.v1.StatusService/GetStatus"
)

// tryProxy tries all that is served on one host through a proxy.
func tryProxy(t *testing.T, program servers.ProxyProgram) {
	t.Helper()
	t.Parallel()
	programs.NeedCommand(t, program.Name)

	t.Run("protocols", func(t *testing.T) {
		t.Parallel()

		f := newFixture(t)
		p := servers.StartProxy(t, program, f.gateway, f.subscribers[:]...)

		for _, client := range clients.All() {
			t.Run("TLS "+client.Name, func(t *testing.T) { tryClient(t, client.New(t, p.Secure)) })

			if strings.Contains(client.Name, "1.1") {
				t.Run(client.Name, func(t *testing.T) { tryClient(t, client.New(t, p.Plain)) })
			}
		}

		t.Run("reflection", func(t *testing.T) { requireReflection(t, clients.NewGrpcurl(t, p.Secure)) })
		t.Run("pages", func(t *testing.T) { requirePages(t, p, f) })
		t.Run("events", func(t *testing.T) { requireEvents(t, p) })
		t.Run("imports", func(t *testing.T) { requireImports(t, p) })
		t.Run("goodbyes", func(t *testing.T) { requireNoWatches(t, f) })
	})
	t.Run("idle", func(t *testing.T) { t.Parallel(); tryIdle(t, program) })
	t.Run("stop", func(t *testing.T) { t.Parallel(); tryStop(t, program) })
	t.Run("kill", func(t *testing.T) { t.Parallel(); tryKill(t, program) })
}

// requirePages checks that what is not RPC comes as it does without the proxy.
func requirePages(t *testing.T, p *servers.Proxy, f *fixture) {
	t.Helper()

	get := func(client *http.Client, url string) string {
		response := get(t, client, url, "text/html")
		defer response.Body.Close()

		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}

		return string(body)
	}

	page := get(http.DefaultClient, f.subscribers[0].URL+"/")
	if !strings.Contains(page, "<html") {
		t.Errorf("it is no page: %.200q", page)
	}

	if get(http.DefaultClient, p.Plain.URL+"/") != page || get(p.Trusting, p.Secure.URL+"/") != page {
		t.Error("through the proxy the page is another")
	}
}

// requireEvents checks that GET /events is a stream, by HTTP/1.1 and 2.
func requireEvents(t *testing.T, p *servers.Proxy) {
	t.Helper()

	for _, accept := range []string{"text/event-stream", "application/x-ndjson"} {
		for name, lines := range map[string]*lines{
			"HTTP/1.1": openEvents(t, http.DefaultClient, p.Plain.URL+"/events", accept),
			"HTTP/2":   openEvents(t, p.Trusting, p.Secure.URL+"/events", accept),
		} {
			id := strings.ReplaceAll(name+accept, "/", "-")

			lines.await(t, "progress")
			clients.MustSubmit(t, p.Secure.Conn, clients.Submission(persons.Complete(id), ""))
			lines.await(t, id+"@example.org")
		}
	}
}

// lines are those of a response that goes on.
type lines struct{ *bufio.Scanner }

func openEvents(t *testing.T, client *http.Client, url, accept string) *lines {
	t.Helper()

	response := get(t, client, url, accept)
	t.Cleanup(func() { response.Body.Close() })

	return &lines{bufio.NewScanner(response.Body)}
}

// get returns a response of the type that is asked for.
func get(t *testing.T, client *http.Client, url, accept string) *http.Response {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}

	request.Header.Set("Accept", accept)

	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}

	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || !strings.HasPrefix(got, accept) {
		response.Body.Close()
		t.Fatalf("%s: %s, %s", url, response.Status, got)
	}

	return response
}

// await reads up to a line with this in it.
func (l *lines) await(t *testing.T, part string) {
	t.Helper()

	for l.Scan() {
		if strings.Contains(l.Text(), part) {
			return
		}
	}

	t.Fatalf("the stream has ended without %q: %v", part, l.Err())
}

// requireImports checks that an import is answered while it goes on, and that it may
// be as long as it likes.
func requireImports(t *testing.T, p *servers.Proxy) {
	t.Helper()

	stream, err := p.Secure.Conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, importMethod)
	if err != nil {
		t.Fatal(err)
	}

	// In all more than the 1 MiB to which a proxy holds a request unless it is told.
	for turn := range 10 {
		request, response := new(contactv1.ImportPersonsRequest), new(contactv1.ImportPersonsResponse)
		for n := range 1000 {
			request.Submissions = append(request.Submissions, clients.Submission(persons.Complete(fmt.Sprintf("import-%d-%d", turn, n)), ""))
		}

		if err := stream.SendMsg(request); err != nil {
			t.Fatal(err)
		}

		for results := 0; results < len(request.GetSubmissions()); results += len(response.GetResults()) {
			if err := stream.RecvMsg(response); err != nil || response.GetResults()[0].GetStored() == nil {
				t.Fatalf("after %d results of turn %d: %v, %v", results, turn, err, response.GetResults())
			}
		}
	}

	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}

	if err := stream.RecvMsg(new(contactv1.ImportPersonsResponse)); !errors.Is(err, io.EOF) {
		t.Errorf("the import ended with %v", err)
	}

	for _, protocol := range []string{"connect", "grpc"} {
		row := fmt.Sprintf(`{"name":"Ada","email":"ada@%s.example.org"}`+"\n", protocol)
		path := filepath.Join(t.TempDir(), "rows.ndjson")
		if err := os.WriteFile(path, []byte(strings.Repeat(row, 2000)), 0o600); err != nil {
			t.Fatal(err)
		}

		output, err := p.Secure.Trusted(exec.Command(programs.Rollcall(), "submit", "--server", p.Secure.URL, "--protocol", protocol, path)).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", protocol, err, output)
		}
	}
}

// requireNoWatches checks that the watches of clients that are gone came to their end.
func requireNoWatches(t *testing.T, f *fixture) {
	t.Helper()

	for _, subscriber := range f.subscribers {
		wait.For(t, func() error {
			response := new(contactv1.GetStatusResponse)
			if err := subscriber.Conn.Invoke(t.Context(), statusMethod, new(contactv1.GetStatusRequest), response); err != nil {
				t.Fatal(err)
			}

			if open := response.GetWatches(); open > 0 {
				return fmt.Errorf("%d watches are open", open)
			}

			return nil
		})
	}
}

// tryIdle gives a proxy less patience than it has by default, and watches what
// nothing happens to: with a little more than the heartbeat a watch stays, and with
// less it does not, so that this test can fail.
func tryIdle(t *testing.T, program servers.ProxyProgram) {
	t.Helper()

	const heartbeat = 15

	f := newFixture(t)
	patient := servers.StartImpatientProxy(t, program, heartbeat+2, f.gateway, f.subscribers[:]...)
	impatient := servers.StartImpatientProxy(t, program, heartbeat-5, f.gateway, f.subscribers[:]...)

	idle := map[string]func() error{}

	for name, p := range map[string]*servers.Proxy{"patient": patient, "impatient": impatient} {
		for kind, next := range openIdle(t, p) {
			idle[name+" "+kind] = next
		}
	}

	ended := map[string]chan error{}

	for name, next := range idle {
		end := make(chan error, 1)
		ended[name] = end

		go func() {
			var err error
			for n := 0; n < 1+3 && err == nil; n++ { // the first comes at once
				err = next()
			}
			end <- err
		}()
	}

	for name, end := range ended {
		select {
		case err := <-end:
			if strings.HasPrefix(name, "patient") != (err == nil) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(2 * time.Minute):
			t.Errorf("%s: nothing", name)
		}
	}
}

// openIdle opens a watch of each kind and returns what takes the next progress of
// each.
func openIdle(t *testing.T, p *servers.Proxy) map[string]func() error {
	t.Helper()

	byGRPC, err := clients.OpenWatch(t.Context(), p.Secure.Conn, clients.FromAll())
	if err != nil {
		t.Fatal(err)
	}

	idle := map[string]func() error{
		"gRPC": func() error { return byGRPC.RecvMsg(new(contactv1.WatchPersonsResponse)) },
	}

	for name, through := range map[string]struct {
		client *http.Client
		server *servers.Server
	}{"HTTP/1.1": {http.DefaultClient, p.Plain}, "HTTP/2": {p.Trusting, p.Secure}} {
		events := openEvents(t, through.client, through.server.URL+"/events", "text/event-stream")
		idle["events by "+name] = func() error {
			for events.Scan() {
				if events.Text() == "event: progress" {
					return nil
				}
			}

			return errors.Join(io.ErrUnexpectedEOF, events.Err())
		}

		response, err := through.client.Post(through.server.URL+clients.WatchMethod, "application/connect+json", bytes.NewReader(clients.Frame{Payload: []byte(`{"all":{}}`)}.Bytes()))
		if err != nil {
			t.Fatal(err)
		}

		t.Cleanup(func() { response.Body.Close() })

		idle["Connect by "+name] = func() error {
			frame, err := clients.ReadFrame(response.Body)
			if err == nil && frame.Flags == clients.ConnectEnd {
				err = fmt.Errorf("the watch ended with %s", frame.Payload)
			}

			return err
		}
	}

	return idle
}

// tryStop stops a subscriber in order: what it says last comes through.
func tryStop(t *testing.T, program servers.ProxyProgram) {
	t.Helper()

	f := newFixture(t)
	p := servers.StartProxy(t, program, f.gateway, f.subscribers[:]...)

	// Some on each subscriber.
	var (
		watches []*traffic.Watch
		pages   []<-chan string
	)

	for range 4 * len(f.subscribers) {
		watches = append(watches, traffic.StartWatch(t, p.Secure.Conn, clients.FromAll()))
		pages = append(pages, startPageWatch(t, p.Plain))
	}

	stored := clients.MustSubmit(t, p.Secure.Conn, clients.Submission(persons.Complete("before"), ""))
	for _, w := range watches {
		w.Event(t, stored.GetSequence())
	}

	for _, subscriber := range f.subscribers {
		subscriber.Terminate()
		subscriber.ExitStatus(t)
	}

	for _, w := range watches {
		_, err := w.End(t)
		requireOrderly(t, err)
	}

	for _, page := range pages {
		if end := wait.Soon(t, "end of the page's watch", page); !strings.Contains(end, `"code":"unavailable"`) {
			t.Errorf("the page's watch ended with %q", end)
		}
	}
}

// tryKill kills the proxy, a subscriber and the gateway in turn, under submissions
// and watches that go through it: what was acknowledged is stored once, and every
// watch gets all of it.
func tryKill(t *testing.T, program servers.ProxyProgram) {
	t.Helper()

	at := fmt.Sprintf("127.0.0.1:%d", streamtest.LastingPort(t))
	f := newFixture(t, "--listen", at)
	p := servers.StartProxy(t, program, f.gateway, f.subscribers[:]...)

	through := &traffic.Current{Proxied: true}
	through.Conn.Store(p.Secure.Conn)

	importer := traffic.StartImporter(t.Context(), through)

	var watches []*traffic.Resuming
	for range crashWatches {
		watches = append(watches, traffic.StartResuming(t.Context(), through))
	}

	shown := startCommandWatch(t, p.Secure)

	for killed, kill := range map[string]func(){ // in any order
		"proxy":      func() { p.Kill(); p.Start(t) },
		"subscriber": func() { f.subscribers[0].Kill() },
		"gateway": func() {
			f.gateway.Kill()
			f.gateway = servers.StartRollcall(t, "gateway", "--nats", f.nats.URL(), "--listen", at)
		},
	} {
		importer.AwaitMore(t, acksBeforeKill)
		kill()
		importer.AwaitMore(t, acksBeforeKill)
		t.Logf("%d acknowledged after a kill of the %s", importer.Count(), killed)
	}

	importer.Stop(t)

	watches = append(watches, traffic.StartResuming(t.Context(), through)) // a fresh one
	last := clients.MustSubmit(t, p.Secure.Conn, clients.Submission(persons.Complete("last"), "")).GetSequence()

	for _, watch := range watches {
		importer.RequireOnce(t, watch.StopAt(t, last))
	}

	awaitLast(t, shown, last)
	requireEvery(t, sequences(t, shown), 1, last)

	t.Logf("%d acknowledged, %d of them after a retry; %d events", importer.Count(), importer.Retried(), last)
}

// startCommandWatch runs `rollcall watch` and returns the file that it prints to.
func startCommandWatch(t *testing.T, s *servers.Server) string {
	t.Helper()

	path := filepath.Join(t.TempDir(), "events.ndjson")

	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	command := s.Trusted(exec.Command(programs.Rollcall(), "watch", "--server", s.URL, "--all", "--output", "json"))
	command.Stdout = file
	programs.Start(t, command)

	return path
}
