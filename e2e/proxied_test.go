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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	contactv1 "rollcall/gen/contact/v1"
)

const (
	importMethod = "/contact.v1.SubmitService/ImportPersons"
	statusMethod = "/contact.v1.StatusService/GetStatus"
)

// tryProxy tries all that is served on one host through a proxy.
func tryProxy(t *testing.T, program proxyProgram) {
	t.Helper()
	t.Parallel()
	needCommand(t, program.name)

	t.Run("protocols", func(t *testing.T) {
		t.Parallel()

		s := startServices(t)
		p := startProxy(t, program, s)

		for _, client := range clients() {
			t.Run("TLS "+client.name, func(t *testing.T) { tryClient(t, client.new(t, p.secure)) })

			if strings.Contains(client.name, "1.1") {
				t.Run(client.name, func(t *testing.T) { tryClient(t, client.new(t, p.plain)) })
			}
		}

		t.Run("reflection", func(t *testing.T) { requireReflection(t, grpcurl{tool(t, buildGrpcurl), p.secure}) })
		t.Run("pages", func(t *testing.T) { requirePages(t, p, s) })
		t.Run("events", func(t *testing.T) { requireEvents(t, p) })
		t.Run("imports", func(t *testing.T) { requireImports(t, p) })
		t.Run("goodbyes", func(t *testing.T) { requireNoWatches(t, s) })
	})
	t.Run("idle", func(t *testing.T) { t.Parallel(); tryIdle(t, program) })
	t.Run("stop", func(t *testing.T) { t.Parallel(); tryStop(t, program) })
	t.Run("kill", func(t *testing.T) { t.Parallel(); tryKill(t, program) })
}

// requirePages checks that what is not RPC comes as it does without the proxy.
func requirePages(t *testing.T, p *proxy, s *services) {
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

	page := get(http.DefaultClient, s.subscribers[0].url+"/")
	if !strings.Contains(page, "<html") {
		t.Errorf("it is no page: %.200q", page)
	}

	if get(http.DefaultClient, p.plain.url+"/") != page || get(p.trusting, p.secure.url+"/") != page {
		t.Error("through the proxy the page is another")
	}
}

// requireEvents checks that GET /events is a stream, by HTTP/1.1 and 2.
func requireEvents(t *testing.T, p *proxy) {
	t.Helper()

	for _, accept := range []string{"text/event-stream", "application/x-ndjson"} {
		for name, lines := range map[string]*lines{
			"HTTP/1.1": openEvents(t, http.DefaultClient, p.plain.url+"/events", accept),
			"HTTP/2":   openEvents(t, p.trusting, p.secure.url+"/events", accept),
		} {
			id := strings.ReplaceAll(name+accept, "/", "-")

			lines.await(t, "progress")
			mustSubmit(t, p.secure.conn, submission(complete(id), ""))
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
func requireImports(t *testing.T, p *proxy) {
	t.Helper()

	stream, err := p.secure.conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, importMethod)
	if err != nil {
		t.Fatal(err)
	}

	// In all more than the 1 MiB to which a proxy holds a request unless it is told.
	for turn := range 10 {
		request, response := new(contactv1.ImportPersonsRequest), new(contactv1.ImportPersonsResponse)
		for n := range 1000 {
			request.Submissions = append(request.Submissions, submission(complete(fmt.Sprintf("import-%d-%d", turn, n)), ""))
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
		writeFile(t, path, []byte(strings.Repeat(row, 2000)))

		output, err := p.secure.client(exec.Command(rollcall, "submit", "--server", p.secure.url, "--protocol", protocol, path)).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", protocol, err, output)
		}
	}
}

// requireNoWatches checks that the watches of clients that are gone came to their end.
func requireNoWatches(t *testing.T, s *services) {
	t.Helper()

	for _, subscriber := range s.subscribers {
		eventually(t, func() error {
			response := new(contactv1.GetStatusResponse)
			if err := subscriber.conn.Invoke(t.Context(), statusMethod, new(contactv1.GetStatusRequest), response); err != nil {
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
func tryIdle(t *testing.T, program proxyProgram) {
	t.Helper()

	const heartbeat = 15

	s := startServices(t)
	patient := startImpatientProxy(t, program, s, heartbeat+2)
	impatient := startImpatientProxy(t, program, s, heartbeat-5)

	idle := map[string]func() error{}

	for name, p := range map[string]*proxy{"patient": patient, "impatient": impatient} {
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

func startImpatientProxy(t *testing.T, program proxyProgram, s *services, seconds int) *proxy {
	t.Helper()

	annotations := map[string]string{}
	for annotation, format := range program.silence {
		annotations[annotation] = fmt.Sprintf(format, seconds)
	}

	return startProxyWith(t, program, s, seconds, annotations)
}

// openIdle opens a watch of each kind and returns what takes the next progress of
// each.
func openIdle(t *testing.T, p *proxy) map[string]func() error {
	t.Helper()

	byGRPC, err := openWatch(t.Context(), p.secure.conn, fromAll())
	if err != nil {
		t.Fatal(err)
	}

	idle := map[string]func() error{
		"gRPC": func() error { return byGRPC.RecvMsg(new(contactv1.WatchPersonsResponse)) },
	}

	for name, through := range map[string]struct {
		client *http.Client
		server *server
	}{"HTTP/1.1": {http.DefaultClient, p.plain}, "HTTP/2": {p.trusting, p.secure}} {
		events := openEvents(t, through.client, through.server.url+"/events", "text/event-stream")
		idle["events by "+name] = func() error {
			for events.Scan() {
				if events.Text() == "event: progress" {
					return nil
				}
			}

			return errors.Join(io.ErrUnexpectedEOF, events.Err())
		}

		response, err := through.client.Post(through.server.url+watchMethod, "application/connect+json", bytes.NewReader(frame{payload: []byte(`{"all":{}}`)}.bytes()))
		if err != nil {
			t.Fatal(err)
		}

		t.Cleanup(func() { response.Body.Close() })

		idle["Connect by "+name] = func() error {
			frame, err := readFrame(response.Body)
			if err == nil && frame.flags == connectEnd {
				err = fmt.Errorf("the watch ended with %s", frame.payload)
			}

			return err
		}
	}

	return idle
}

// tryStop stops a subscriber in order: what it says last comes through.
func tryStop(t *testing.T, program proxyProgram) {
	t.Helper()

	s := startServices(t)
	p := startProxy(t, program, s)

	// Some on each subscriber.
	var (
		watches []*watch
		pages   []<-chan string
	)

	for range 4 * len(s.subscribers) {
		watches = append(watches, startWatch(t, p.secure.conn, fromAll()))
		pages = append(pages, startPageWatch(t, p.plain))
	}

	stored := mustSubmit(t, p.secure.conn, submission(complete("before"), ""))
	for _, w := range watches {
		w.event(t, stored.GetSequence())
	}

	for _, subscriber := range s.subscribers {
		subscriber.terminate()
		subscriber.exitStatus(t)
	}

	for _, w := range watches {
		<-w.ended

		if status.Code(w.err) != codes.Unavailable {
			t.Errorf("the watch ended with %v", w.err)
		}

		requireOrderly(t, w.err)
	}

	for _, page := range pages {
		if end := soon(t, "end of the page's watch", page); !strings.Contains(end, `"code":"unavailable"`) {
			t.Errorf("the page's watch ended with %q", end)
		}
	}
}

// tryKill kills the proxy, a subscriber and the gateway in turn, under submissions
// and watches that go through it: what was acknowledged is stored once, and every
// watch gets all of it.
func tryKill(t *testing.T, program proxyProgram) {
	t.Helper()

	at := fmt.Sprintf("127.0.0.1:%d", lastingPort(t))
	s := startServices(t, "--listen", at)
	p := startProxy(t, program, s)

	through := &current{proxied: true}
	through.conn.Store(p.secure.conn)

	importer := startImporter(t.Context(), through)

	var watches []*resuming
	for range crashWatches {
		watches = append(watches, startResuming(t.Context(), through))
	}

	shown := startCommandWatch(t, p.secure)

	for killed, kill := range map[string]func(){ // in any order
		"proxy":      func() { p.kill(); p.start(t) },
		"subscriber": func() { s.subscribers[0].kill() },
		"gateway": func() {
			s.gateway.kill()
			s.gateway = startRollcall(t, "gateway", "--nats", s.nats.url(), "--listen", at)
		},
	} {
		importer.awaitMore(t, acksBeforeKill)
		kill()
		importer.awaitMore(t, acksBeforeKill)
		t.Logf("%d acknowledged after a kill of the %s", importer.count(), killed)
	}

	importer.stop(t)

	watches = append(watches, startResuming(t.Context(), through)) // a fresh one
	last := mustSubmit(t, p.secure.conn, submission(complete("last"), "")).GetSequence()

	for _, watch := range watches {
		requireOnce(t, importer.acked, watch.stopAt(t, last))
	}

	awaitLast(t, shown, last)
	requireEvery(t, sequences(t, shown), 1, last)

	t.Logf("%d acknowledged, %d of them after a retry; %d events", len(importer.acked), importer.retried(), last)
}

// startCommandWatch runs `rollcall watch` and returns the file that it prints to.
func startCommandWatch(t *testing.T, s *server) string {
	t.Helper()

	path := filepath.Join(t.TempDir(), "events.ndjson")

	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	command := s.client(exec.Command(rollcall, "watch", "--server", s.url, "--all", "--output", "json"))
	command.Stdout = file
	start(t, command)

	return path
}
