package subscriber_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/person"
	"rollcall/internal/server"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// manyLarge is more than the kernel's buffers and HTTP/2's windows take.
func manyLarge(t *testing.T, f *fixture) (events int) {
	t.Helper()
	large := largePerson(t)
	const many = 300
	for range many {
		f.publishBytes(large)
	}
	return many
}

// largePerson is small again to a client that takes gzip.
func largePerson(t *testing.T) []byte {
	t.Helper()
	large, err := person.Encode(nil, &contactv1.Person{Name: strings.Repeat("x", 60_000), Email: "x@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	return large
}

// TestStopDoesNotWaitForAClientThatTakesNothing has one such client for each
// version of HTTP, and one that takes all.
func TestStopDoesNotWaitForAClientThatTakesNothing(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	events := manyLarge(t, f)
	rawWatch(t, r.url)
	stuck, err := r.http2().WatchPersons(t.Context(), all())
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	streamtest.Eventually(t, "both are watching", func() bool { return r.sub.Watches() == 2 })
	other := r.watch(all())
	other.expectCovered(0, uint64(events), nil)

	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r.sub.Stop(ctx)
	streamtest.Eventually(t, "every watch has ended", func() bool { return r.sub.Watches() == 0 })
	other.endsWith(connect.CodeUnavailable)
}

// TestStopOfTheServerDoesNotWaitForAConnectionThatTakesNothing has a client that is
// stopped, as by SIGSTOP. Over HTTP/2 no deadline of its watch reaches it: what ends the
// stream has to be written, too.
func TestStopOfTheServerDoesNotWaitForAConnectionThatTakesNothing(t *testing.T) {
	f := newFixture(t)
	for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
		listener, err := server.New(server.Config{Listen: "127.0.0.1:0", StopTimeout: 6 * time.Second, Logger: slog.New(slog.DiscardHandler)}, f.replica().sub)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- listener.Serve(ctx) }()

		conn := &stoppable{closed: make(chan struct{})}
		protocols := new(http.Protocols)
		protocols.SetHTTP1(version == "HTTP/1.1")
		protocols.SetUnencryptedHTTP2(version == "HTTP/2")
		client := &http.Client{Transport: &http.Transport{Protocols: protocols, DialContext: conn.dial}}
		watch, err := contactv1connect.NewWatchServiceClient(connect.NewClient(connecthttp.NewTransport(client, "http://"+listener.Addr().String(), connecthttp.WithCompressors()))).WatchPersons(t.Context(), all())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := watch.Receive(); err != nil {
			t.Fatal(err)
		}
		conn.stopped.Store(true)
		manyLarge(t, f)
		stop()
		if err := <-served; err != nil {
			t.Errorf("%s: %v", version, err)
		}
		_ = watch.Close()
		client.CloseIdleConnections()
	}
}

// stoppable is a connection whose client can be stopped: it reads nothing more.
type stoppable struct {
	net.Conn

	stopped atomic.Bool
	once    sync.Once
	closed  chan struct{}
}

func (c *stoppable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.Conn = conn
	return c, conn.(*net.TCPConn).SetReadBuffer(4 << 10)
}

func (c *stoppable) Read(p []byte) (int, error) {
	if c.stopped.Load() {
		<-c.closed
	}
	return c.Conn.Read(p)
}

func (c *stoppable) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// TestStopEndsAWatchThatIsAlwaysBehind publishes more than the client reads: the
// log's end never comes.
func TestStopEndsAWatchThatIsAlwaysBehind(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	slow := rawWatch(t, r.url)
	behind := manyLarge(t, f)
	streamtest.Eventually(t, "it is watching", func() bool { return r.sub.Watches() == 1 })
	r.sub.Stop(context.Background())
	for range 2 * behind {
		if r.sub.Watches() == 0 {
			return
		}
		f.publishBytes(largePerson(t))
		f.publishBytes(largePerson(t))
		if _, err := io.CopyN(io.Discard, slow, 100_000); err != nil {
			break // its end
		}
	}
	streamtest.Eventually(t, "the watch has ended", func() bool { return r.sub.Watches() == 0 })
}

// TestQuietWatchIsNotCutOff is of a watch whose client may take nothing for less
// time than the watch has nothing to send.
func TestQuietWatchIsNotCutOff(t *testing.T) {
	f := newFixture(t)
	r := f.replica(func(c *subscriber.Config) {
		c.WriteTimeout, c.ProgressInterval = 50*time.Millisecond, 200*time.Millisecond
	})
	for name, client := range map[string]contactv1connect.WatchServiceClient{"HTTP/1.1": r.client, "HTTP/2": r.http2()} {
		stream, err := client.WatchPersons(t.Context(), all())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := stream.Receive(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		_ = stream.Close()
	}
}
