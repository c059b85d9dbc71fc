package subscriber_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

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
	nc, js := f.nats.Connect()
	if f.relay != nil {
		js = f.relay.JetStream(nc)
	}
	return f.replicaOf(stream.Open(js, f.read), config(change...))
}

// config is the default but for what is changed.
func config(change ...func(*subscriber.Config)) subscriber.Config {
	cfg := subscriber.Config{
		RingBytes: subscriber.DefaultRingBytes, Replays: subscriber.DefaultReplays,
		Filters: subscriber.DefaultFilters, FilterCost: subscriber.DefaultFilterCost,
		ProgressInterval: subscriber.DefaultProgressInterval, WriteTimeout: subscriber.DefaultWriteTimeout,
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	return cfg
}

// replicaOf starts a subscriber that reads a stream.
func (f *fixture) replicaOf(from *stream.Stream, cfg subscriber.Config) *replica {
	f.t.Helper()
	sub := subscriber.New(from, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { sub.Run(ctx) })
	mux := server.NewMux(server.Config{})
	sub.Mount(mux)
	listener := httptest.NewServer(mux)
	client := &http.Client{Transport: &http.Transport{}}
	f.t.Cleanup(func() {
		sub.Stop(context.Background())
		client.CloseIdleConnections()
		listener.Close()
		cancel()
		running.Wait()
	})
	rpc := connect.NewClient(connecthttp.NewTransport(client, listener.URL))
	return &replica{
		t: f.t, sub: sub, url: listener.URL,
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

// inJSON is the same replica to a client that wants JSON.
func (r *replica) inJSON() *replica {
	client := &http.Client{Transport: &http.Transport{}}
	r.t.Cleanup(client.CloseIdleConnections)
	return &replica{
		t: r.t, sub: r.sub, url: r.url,
		client: contactv1connect.NewWatchServiceClient(connect.NewClient(connecthttp.NewTransport(client, r.url, connecthttp.WithProtoJSON()))),
	}
}

// http2 serves the replica a second time, over HTTP/2 alone, to a client that takes no
// gzip.
func (r *replica) http2() contactv1connect.WatchServiceClient {
	mux := server.NewMux(server.Config{})
	r.sub.Mount(mux)
	listener := httptest.NewUnstartedServer(mux)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	listener.Config.Protocols = protocols
	listener.Start()
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	r.t.Cleanup(func() {
		r.sub.Stop(context.Background())
		client.CloseIdleConnections()
		listener.Close()
	})
	return contactv1connect.NewWatchServiceClient(connect.NewClient(connecthttp.NewTransport(client, listener.URL, connecthttp.WithCompressors())))
}

// tiny is a ring that holds only the newest few events, so that starts lie before
// it; large is one that holds all.
func tiny(c *subscriber.Config)  { c.RingBytes = 2 << 10 }
func large(c *subscriber.Config) { c.RingBytes = 8 << 20 }
