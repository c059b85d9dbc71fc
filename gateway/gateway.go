// Package gateway takes a submission in: validate, encode, publish to JetStream,
// and answer once JetStream has stored it.
package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/validate"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

// Config is how a gateway works.
type Config struct {
	// Stream is the name of the stream to publish to, Subject what it takes.
	Stream  string
	Subject string
	// Timeout is a submission's deadline when the client names none.
	Timeout time.Duration
	Logger  *slog.Logger
}

// Gateway serves SubmitService and the plain routes beside it.
type Gateway struct {
	cfg       Config
	nc        *nats.Conn
	js        jetstream.JetStream
	epoch     epoch
	validator protovalidate.Validator
	errors    *connecthttp.ErrorWriter
	stopping  atomic.Bool
	// reachable is what Run last found of the stream; nil before.
	reachable atomic.Pointer[error]
}

var errNATSAway = errors.New("NATS is away")

// New returns a gateway that publishes through nc, which must have no reconnect
// buffer: what was refused must not be sent later.
func New(nc *nats.Conn, js jetstream.JetStream, cfg Config) *Gateway {
	g := &Gateway{
		cfg: cfg, nc: nc, js: js,
		validator: protovalidate.GlobalValidator,
		errors:    connecthttp.NewErrorWriter(),
	}
	g.epoch = epoch{nc: nc, js: js, stream: cfg.Stream}
	return g
}

// Name names the role.
func (g *Gateway) Name() string { return "gateway" }

// Services names what it serves.
func (g *Gateway) Services() []string { return []string{contactv1connect.SubmitServiceName} }

// Streams are none: every answer is short.
func (g *Gateway) Streams() []string { return nil }

// Stop refuses new submissions; those in flight go on.
func (g *Gateway) Stop(context.Context) { g.stopping.Store(true) }

// Mount adds the RPCs and the plain routes to mux.
func (g *Gateway) Mount(mux *http.ServeMux) {
	rpc := connect.NewServer(validate.NewServerInterceptor(validate.WithValidator(g.validator)))
	contactv1connect.RegisterSubmitServiceHandler(rpc, service{Gateway: g})
	connecthttp.Mount(mux, rpc, server.RPCOptions()...)
	mux.HandleFunc("POST /persons", g.postPersons)
	mux.HandleFunc("POST /datas/number", g.postDatasNumber)
}
