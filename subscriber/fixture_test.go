package subscriber_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/person"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
	"rollcall/subscriber/watchtest"
)

// patience bounds how long a test waits for what must come.
const patience = 20 * time.Second

type item = watchtest.Item

var (
	all   = watchtest.All
	last  = watchtest.Last
	after = watchtest.After
)

// fixture is a NATS server with a stream, and a subscriber that reads it.
type fixture struct {
	t    *testing.T
	nats *streamtest.Server
	nc   *nats.Conn
	js   jetstream.JetStream
}

func newFixture(t *testing.T, change ...func(*stream.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, nats: streamtest.Start(t)}
	f.nc, f.js = f.nats.Connect()
	cfg := streamtest.Config()
	for _, c := range change {
		c(&cfg)
	}
	streamtest.CreateStream(t, f.js, cfg)
	return f
}

// in is the fixture in a subtest.
func (f *fixture) in(t *testing.T) *fixture {
	t.Helper()
	inner := *f
	inner.t = t
	return &inner
}

// publish stores persons named by their number.
func (f *fixture) publish(numbers ...int) {
	f.t.Helper()
	for _, n := range numbers {
		payload, err := person.Encode(nil, &contactv1.Person{Name: fmt.Sprintf("person %d", n), Email: "p@example.org"})
		if err != nil {
			f.t.Fatal(err)
		}
		f.publishBytes(payload)
	}
}

func (f *fixture) publishBytes(payload []byte) {
	f.t.Helper()
	if _, err := f.js.Publish(context.Background(), streamtest.Subject, payload); err != nil {
		f.t.Fatalf("publish: %v", err)
	}
}

func (f *fixture) stream() jetstream.Stream {
	f.t.Helper()
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func (f *fixture) epoch() string {
	f.t.Helper()
	return stream.Epoch(f.stream().CachedInfo())
}

// remake deletes the stream and makes it anew.
func (f *fixture) remake(change ...func(*jetstream.StreamConfig)) {
	f.t.Helper()
	cfg := f.stream().CachedInfo().Config
	for _, c := range change {
		c(&cfg)
	}
	if err := f.js.DeleteStream(context.Background(), streamtest.Name); err != nil {
		f.t.Fatal(err)
	}
	// For a moment after the deletion the server may still hold the files.
	streamtest.Eventually(f.t, "the stream is made anew", func() bool {
		_, err := f.js.CreateStream(context.Background(), cfg)
		return err == nil
	})
}

// replica is one subscriber behind a real listener.
type replica struct {
	t      *testing.T
	sub    *subscriber.Subscriber
	client contactv1connect.WatchServiceClient
	status contactv1connect.StatusServiceClient
	url    string
}

// replica starts a subscriber and waits until it is ready.
func (f *fixture) replica(change ...func(*subscriber.Config)) *replica {
	f.t.Helper()
	r := f.unready(change...)
	streamtest.Eventually(f.t, "the subscriber is ready", func() bool { return r.sub.Ready() == nil })
	return r
}

func (f *fixture) unready(change ...func(*subscriber.Config)) *replica {
	f.t.Helper()
	cfg := subscriber.Config{
		RingBytes: subscriber.DefaultRingBytes, Replays: subscriber.DefaultReplays,
		Filters: subscriber.DefaultFilters, FilterCost: subscriber.DefaultFilterCost,
		ProgressInterval: subscriber.DefaultProgressInterval, WriteTimeout: subscriber.DefaultWriteTimeout,
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	_, js := f.nats.Connect()
	sub := subscriber.New(stream.Open(js, streamtest.Name), cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { sub.Run(ctx) })
	mux := http.NewServeMux()
	sub.Mount(mux)
	server := httptest.NewServer(mux)
	client := &http.Client{Transport: &http.Transport{}}
	f.t.Cleanup(func() {
		sub.Stop(context.Background())
		client.CloseIdleConnections()
		server.Close()
		cancel()
		running.Wait()
	})
	rpc := connect.NewClient(connecthttp.NewTransport(client, server.URL))
	return &replica{
		t: f.t, sub: sub, url: server.URL,
		client: contactv1connect.NewWatchServiceClient(rpc), status: contactv1connect.NewStatusServiceClient(rpc),
	}
}

// in is the replica in a subtest.
func (r *replica) in(t *testing.T) *replica {
	t.Helper()
	inner := *r
	inner.t = t
	return &inner
}

// watcher is a watch and what it was sent, one thing at a time.
type watcher struct {
	t      *testing.T
	stream contactv1connect.WatchServiceWatchPersonsClientStream
	got    chan item
	err    error // set when got is closed
	cancel context.CancelFunc
}

func (r *replica) watch(request *contactv1.WatchPersonsRequest) *watcher {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := r.client.WatchPersons(ctx, request)
	if err != nil {
		cancel()
		r.t.Fatalf("watch: %v", err)
	}
	w := &watcher{t: r.t, stream: s, got: make(chan item, 1<<16), cancel: cancel}
	go w.receive()
	r.t.Cleanup(w.end)
	return w
}

// end closes the watch and waits until it is.
func (w *watcher) end() {
	w.cancel()
	for range w.got {
	}
}

func (w *watcher) receive() {
	defer close(w.got)
	defer w.stream.Close()
	for {
		response, err := w.stream.Receive()
		if err != nil {
			w.err = err
			return
		}
		for _, i := range watchtest.Items(response) {
			w.got <- i
		}
	}
}

// next returns what comes next.
func (w *watcher) next() item {
	w.t.Helper()
	select {
	case i, ok := <-w.got:
		if !ok {
			w.t.Fatalf("the watch ended: %v", w.err)
		}
		return i
	case <-time.After(patience):
		w.t.Fatal("nothing came")
	}
	return item{}
}

// expect compares what comes with what must come.
func (w *watcher) expect(want ...string) {
	w.t.Helper()
	for _, text := range want {
		if got := w.next().String(); got != text {
			w.t.Fatalf("got %q, want %q", got, text)
		}
	}
}

// skipProgress returns the next item but progress.
func (w *watcher) skipProgress() item {
	w.t.Helper()
	for {
		if i := w.next(); i.Progress == nil {
			return i
		}
	}
}

// endsWith waits for the watch's end and compares its code.
func (w *watcher) endsWith(code connect.Code) error {
	w.t.Helper()
	for {
		select {
		case _, ok := <-w.got:
			if ok {
				continue
			}
			if connect.CodeOf(w.err) != code || errors.Is(w.err, io.EOF) {
				w.t.Fatalf("ended with %v, want %s", w.err, code)
			}
			return w.err
		case <-time.After(patience):
			w.t.Fatal("the watch does not end")
		}
	}
}

func numbers(first, last int) []int {
	var all []int
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}
