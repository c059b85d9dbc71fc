// Package gateway takes a submission in: validate, encode, publish to JetStream,
// and answer once JetStream has stored it.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"

	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
	"rollcall/internal/stream"
)

// Config is how a gateway works.
type Config struct {
	// Subject is what the stream takes.
	Subject string
	// Storage returns why nothing can be stored at this moment, as stream.ErrStorage, or
	// nil. It is asked for each submission. Leave it nil where that is not known here.
	Storage func() error
	// Timeout is a submission's deadline when the client names none.
	Timeout time.Duration
	// Calls is how many calls may be served at a time; more are refused.
	Calls int
	// Messages is how many messages may be under way to JetStream at a time. Calls
	// with many submissions wait for places among them.
	Messages int
	// RateLimit is how many submissions a second one client may send; 0 is any.
	RateLimit float64
	// ClientHeader names the header in which a proxy says who the client is; empty
	// takes the address that the connection comes from.
	ClientHeader string
	Logger       *slog.Logger
}

// Good values for a Config.
const (
	DefaultTimeout  = 5 * time.Second
	DefaultCalls    = 512
	DefaultMessages = 4096
)

// Gateway serves SubmitService and the plain routes beside it.
type Gateway struct {
	cfg       Config
	stream    *stream.Stream
	publisher *stream.Publisher
	admission admission
	rates     *rateLimit // nil for none
	validator protovalidate.Validator
	stopOnce  sync.Once
	stopping  chan struct{}
	settings  *stream.Inspection
	// unasked is set if Run could not ask for the stream's state when it last did.
	unasked bool
	// found is what Run last found: an error that is nil if a submission would be stored.
	found atomic.Pointer[error]
}

// New returns a gateway that publishes to a stream.
func New(to *stream.Stream, cfg Config) *Gateway {
	if cfg.Storage == nil {
		cfg.Storage = func() error { return nil }
	}
	g := &Gateway{
		cfg: cfg, stream: to,
		publisher: to.NewPublisher(cfg.Subject, cfg.Messages, cfg.Timeout),
		admission: admission{most: int64(cfg.Calls)},
		rates:     newRateLimit(cfg.RateLimit, cfg.ClientHeader),
		validator: validator{protovalidate.GlobalValidator},
		settings:  stream.NewInspection(use(cfg.Subject), cfg.Logger),
	}
	g.stopping = make(chan struct{})
	g.refuse(&g.admission.usual, &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/json"}}}, overloaded())
	return g
}

// Name names the role.
func (g *Gateway) Name() string { return "gateway" }

// Stop refuses new submissions and ends imports after what they have begun; what is
// in flight goes on.
func (g *Gateway) Stop(context.Context) { g.stopOnce.Do(func() { close(g.stopping) }) }

func (g *Gateway) isStopping() bool {
	select {
	case <-g.stopping:
		return true
	default:
		return false
	}
}

// Mount adds what the gateway serves.
func (g *Gateway) Mount(mux *server.Mux) {
	rpc := g.take(mux.Connect(g.validator, func(rpc *connect.Server) {
		contactv1connect.RegisterSubmitServiceHandler(rpc, service{g})
	}))
	mux.RPC(contactv1connect.SubmitServiceSubmitPersonProcedure, rpc)
	mux.RPC(contactv1connect.SubmitServiceSubmitPersonsProcedure, rpc)
	mux.RPC(contactv1connect.SubmitServiceImportPersonsProcedure, withResponse(rpc))
	mux.Unary("POST /persons", g.take(http.HandlerFunc(g.postPersons)))
	mux.Unary("POST /datas/number", g.take(http.HandlerFunc(g.postDatasNumber)))
}

// take admits a request that stores and notes whose it is.
func (g *Gateway) take(next http.Handler) http.Handler { return g.admit(g.rates.identify(next)) }
