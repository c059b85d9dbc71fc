// Package subscriber reads the stream and shows it to any number of watchers:
// JetStream, decoded once, into a log in memory, from which each watch sends.
package subscriber

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
	"rollcall/internal/stream"
)

// Config is how a subscriber works.
type Config struct {
	// RingBytes is how much memory the latest events may take.
	RingBytes int64
	// Replays is how many watches at a time may be read from JetStream because
	// they are behind the ring.
	Replays int
	// Filters is how many different filters may be in use at a time.
	Filters int
	// FilterCost is what a filter may cost for one person, in CEL's units.
	FilterCost uint64
	// ProgressInterval is how often an idle watch hears that it is alive.
	ProgressInterval time.Duration
	// WriteTimeout is how long a client may take nothing before it is cut off.
	WriteTimeout time.Duration
	Logger       *slog.Logger
}

// Defaults for a Config.
const (
	DefaultRingBytes        = 64 << 20
	DefaultReplays          = 16
	DefaultFilters          = 1000
	DefaultFilterCost       = 10_000
	DefaultProgressInterval = 15 * time.Second
	DefaultWriteTimeout     = time.Minute
)

// Subscriber serves WatchService, and the same as GET /events, and StatusService.
type Subscriber struct {
	cfg         Config
	stream      *stream.Stream
	source      *source
	replays     chan struct{}
	filters     *filters
	connections *connections
	packer      *packer

	watches  atomic.Int64
	stopOnce sync.Once
	stopping chan struct{}
}

// New returns a subscriber that reads a stream once Run is called.
func New(from *stream.Stream, cfg Config) *Subscriber {
	return &Subscriber{
		cfg: cfg, stream: from, source: newSource(from, cfg),
		filters:     newFilters(cfg.Filters, cfg.FilterCost, cfg.Logger),
		connections: newConnections(cfg.WriteTimeout, cfg.ProgressInterval),
		packer:      newPacker(),
		replays:     make(chan struct{}, cfg.Replays), stopping: make(chan struct{}),
	}
}

// Run reads the stream until ctx is done.
func (s *Subscriber) Run(ctx context.Context) {
	var counting sync.WaitGroup
	counting.Go(func() { s.source.rates.run(ctx) })
	s.source.run(ctx)
	counting.Wait()
}

// Name names the role.
func (s *Subscriber) Name() string { return "subscriber" }

// Ready returns nil once the log holds the stream's tail, and from then on: when
// NATS goes away, clients can still resume from memory. A stream whose settings break
// promises is never ready.
func (s *Subscriber) Ready() error {
	if err := s.source.settings.Err(); err != nil {
		return err
	}
	if s.source.ready.Load() {
		return nil
	}
	if now := s.source.now(); !now.connected {
		return errors.New(now.reason)
	}
	return errors.New("the stream's tail is not read yet")
}

// Stop ends every watch once it has sent what is in the log now, or when half of
// ctx's time is over: some clients take nothing. It returns at once.
func (s *Subscriber) Stop(ctx context.Context) {
	s.stopOnce.Do(func() {
		close(s.stopping)
		if last, ok := ctx.Deadline(); ok {
			s.connections.endBy(time.Now().Add(time.Until(last) / 2))
		}
	})
}

// Watches returns how many watches are open.
func (s *Subscriber) Watches() int64 { return s.watches.Load() }

func (s *Subscriber) isStopping() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// Mount adds what the subscriber serves.
func (s *Subscriber) Mount(mux *server.Mux) {
	watch := mux.Connect(protovalidate.GlobalValidator, func(rpc *connect.Server) {
		rpc.Register(connect.Method{Spec: watchSpec(), Handler: s.watchPersons})
	},
		connecthttp.WithCodecs(binaryCodec{server.Binary()}, jsonCodec{server.StrictJSON()}),
		connecthttp.WithCompressors(newPassingGzip()),
		connecthttp.WithCompressMinBytes(leastPacked),
	)
	status := mux.Connect(protovalidate.GlobalValidator, func(rpc *connect.Server) {
		contactv1connect.RegisterStatusServiceHandler(rpc, statusService{s})
	})
	mux.RPC(contactv1connect.WatchServiceWatchPersonsProcedure, s.connections.serve(watch))
	mux.RPC(contactv1connect.StatusServiceGetStatusProcedure, status)
	mux.Stream("GET /events", s.connections.serve(http.HandlerFunc(s.getEvents)))
}

// watchSpec describes the RPC. It is registered without the generated wrapper,
// whose Send takes a message: what is sent here is encoded already.
func watchSpec() connect.Spec {
	return connect.Spec{
		StreamType: connect.StreamTypeServer,
		Schema:     contactv1.File_contact_v1_watch_proto.Services().ByName("WatchService").Methods().ByName("WatchPersons"),
		Procedure:  contactv1connect.WatchServiceWatchPersonsProcedure,
	}
}

func (s *Subscriber) watchPersons(ctx context.Context, _ connect.Spec, call connect.ServerStream) error {
	request := &contactv1.WatchPersonsRequest{}
	if err := call.Receive(request); err != nil {
		return err
	}
	info, _ := connect.CallInfoForServerContext(ctx)
	chosen := inBinary
	if strings.HasPrefix(info.Codec, connect.CodecNameJSON) {
		chosen = inJSON
	}
	return s.serve(ctx, request, chosen, rpcSender{call})
}

// serve runs a watch to its end, and returns the error to end it with.
func (s *Subscriber) serve(ctx context.Context, request *contactv1.WatchPersonsRequest, chosen encoding, to sender) error {
	if s.isStopping() {
		return connect.NewError(connect.CodeUnavailable, "the server is stopping: ask another")
	}
	var shown *sharedFilter // nil is everything
	if text := request.GetFilter(); text != "" {
		var err error
		if shown, err = s.filters.acquire(text); err != nil {
			return err
		}
		defer s.filters.release(shown)
	}
	s.watches.Add(1)
	defer s.watches.Add(-1)
	w := &watch{
		sub: s, request: request, stream: to, filter: shown,
		connection: connectionOf(ctx),
		encoding:   chosen,
		gzip:       gzipped(connectionOf(ctx).response),
	}
	return w.run(ctx)
}
