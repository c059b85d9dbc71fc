package modeltest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/subscriber"
	"rollcall/subscriber/watchtest"
)

// replica is a subscriber that a schedule starts and stops.
type replica struct {
	sub          *subscriber.Subscriber
	binary, text contactv1connect.WatchServiceClient
	status       contactv1connect.StatusServiceClient
	http         *http.Client
	url          string
	stopped      bool // its watches may end
	// calls counts the clients' calls, from when a client takes the replica, under the
	// schedule's lock: none is added once the replica was stopped.
	calls sync.WaitGroup
	stop  func()
}

// encodings are what clients may speak.
var encodings = []string{"binary", "JSON", "SSE", "NDJSON"}

// responses are what a watch is sent, in whatever encoding.
type responses interface {
	Receive() (*contactv1.WatchPersonsResponse, error)
	Close() error
}

func (r *replica) watch(ctx context.Context, encoding string, request *contactv1.WatchPersonsRequest) (responses, error) {
	switch encoding {
	case "binary":
		return r.binary.WatchPersons(ctx, request)
	case "JSON":
		return r.text.WatchPersons(ctx, request)
	default:
		return watchtest.OpenEvents(ctx, r.http, r.url, encoding == "SSE", request)
	}
}

// askedAt is when the replica last asked how the stream is.
func (r *replica) askedAt(ctx context.Context) time.Time {
	status, err := r.status.GetStatus(ctx, &contactv1.GetStatusRequest{})
	if err != nil {
		return time.Time{}
	}
	return status.GetStream().GetAskedAt().AsTime()
}

// startReplica starts a replica with a ring of any size, and may wait until it is
// ready, as a load balancer would.
func (s *schedule) startReplica(i int) {
	cfg := subscriber.Config{
		RingBytes:        []int64{1, 600, 2 << 10, 100 << 10, 1 << 20}[s.rand.IntN(5)],
		Replays:          1 + s.rand.IntN(3),
		Filters:          subscriber.DefaultFilters,
		FilterCost:       subscriber.DefaultFilterCost,
		ProgressInterval: []time.Duration{20 * time.Millisecond, time.Minute, time.Minute}[s.rand.IntN(3)],
		WriteTimeout:     time.Minute,
		Logger:           slog.New(slog.DiscardHandler),
	}
	s.sayf("start replica %d: ring of %d, %d replays, progress every %s", i, cfg.RingBytes, cfg.Replays, cfg.ProgressInterval)
	r := s.newReplica(cfg)
	if !s.away && s.exists && !s.one(3) {
		for deadline := time.Now().Add(patience); r.sub.Ready() != nil; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				s.must(r.sub.Ready(), "start a replica")
				break
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replicas[i] = r
	s.cond.Broadcast()
}

func (s *schedule) newReplica(cfg subscriber.Config) *replica {
	sub := subscriber.New(stream.Open(s.js, s.name), cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { sub.Run(ctx) })
	mux := server.NewMux(server.Config{})
	sub.Mount(mux)
	client, url, hangUp := s.serve(mux)
	r := &replica{sub: sub, http: client, url: url}
	r.binary = contactv1connect.NewWatchServiceClient(connect.NewClient(connecthttp.NewTransport(client, url)))
	r.status = contactv1connect.NewStatusServiceClient(connect.NewClient(connecthttp.NewTransport(client, url)))
	r.text = contactv1connect.NewWatchServiceClient(connect.NewClient(connecthttp.NewTransport(client, url, connecthttp.WithProtoJSON())))
	r.stop = func() {
		sub.Stop(context.Background())
		s.running.Go(func() { // its last watches end when their clients read
			r.calls.Wait()
			hangUp()
			cancel()
			running.Wait()
		})
	}
	return r
}

// serve lets clients reach a replica; hangUp returns when the last has left.
func (s *schedule) serve(handler http.Handler) (client *http.Client, url string, hangUp func()) {
	if !s.listens {
		transport := &watchtest.Direct{Handler: handler}
		return &http.Client{Transport: transport}, "http://replica", transport.Wait
	}
	listener := httptest.NewServer(handler)
	client = &http.Client{Transport: &http.Transport{}}
	return client, listener.URL, func() {
		client.CloseIdleConnections()
		listener.Close() // waits for what is under way
	}
}

// turnReplica stops a replica, or starts it anew.
func (s *schedule) turnReplica() {
	i := s.rand.IntN(2)
	if s.replicas[i] == nil {
		s.startReplica(i)
		return
	}
	s.sayf("stop replica %d", i)
	s.stopReplica(i)
}

func (s *schedule) stopReplica(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.replicas[i]
	if r == nil {
		return
	}
	r.stopped, s.replicas[i] = true, nil
	r.stop()
}

func (s *schedule) noReplica() bool { return s.replicas[0] == nil && s.replicas[1] == nil }

// turnNATS stops NATS, or starts it again.
func (s *schedule) turnNATS() {
	if s.away {
		s.back()
		return
	}
	s.sayf("stop NATS")
	s.mu.Lock()
	s.away = true
	s.mu.Unlock()
	s.nats.Stop()
}

// back sees to it that NATS is there.
func (s *schedule) back() {
	if !s.away {
		return
	}
	s.sayf("start NATS")
	s.nats.Restart()
	_ = s.nc.ForceReconnect() // rather than after its pause
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		_, err := s.js.AccountInfo(s.ctx)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			s.must(err, "start NATS")
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = false
}
