package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/natsserver"
	"rollcall/internal/stream"
)

// serveCmd runs both roles in one process.
type serveCmd struct {
	listenFlags

	Data         string        `default:"./data" type:"path" group:"nats" placeholder:"DIR" help:"Keep the embedded server's files here; one process at a time. Default: ${default}."`
	NatsListen   string        `group:"nats" placeholder:"ADDR" help:"Let other NATS clients reach the embedded server here. Default: no port."`
	SyncInterval time.Duration `default:"1s" group:"nats" placeholder:"DURATION" help:"Flush the embedded server's files this often: what was acknowledged since survives a crash of the process, but not of the machine; 0 flushes before each acknowledgement. Default: ${default}."`
	Nats         string        `group:"nats" placeholder:"URL" help:"Use this NATS server rather than the embedded one."`

	natsAccessFlags
	streamFlags
	gatewayFlags
	subscriberFlags
}

// Validate is called by kong. Without it neither role's would be: two that are embedded
// hide each other.
func (c *serveCmd) Validate() error {
	return cmp.Or(c.gatewayFlags.Validate(), c.subscriberFlags.Validate())
}

// Run serves until ctx is done.
func (c *serveCmd) Run(ctx context.Context, log *slog.Logger) error {
	if c.SyncInterval < 0 {
		return usageError{errors.New("--sync-interval: must not be negative")}
	}
	if c.Nats != "" {
		return c.runAgainst(ctx, log)
	}
	if err := c.requireNone(); err != nil {
		return err
	}
	embedded, err := natsserver.Start(natsserver.Config{ //nolint:contextcheck // it is stopped by Stop, after all that uses it
		Dir: c.Data, Listen: c.NatsListen, SyncInterval: c.SyncInterval,
	}, log)
	if err != nil {
		return fmt.Errorf("start embedded NATS: %w", inFlags(err))
	}
	defer embedded.Stop()
	if url := embedded.URL(); url != "" {
		log.Info("embedded NATS listens", "url", url)
	}
	nc, err := embedded.Connect("rollcall serve", log)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return c.run(ctx, log, nc, applyTo(embedded), c.storageOf(embedded))
}

// applyTo makes the stream as the flags say. What a full disk does not take is tried
// again: JetStream then has the settings in memory alone.
func applyTo(embedded *natsserver.Server) prepareFunc {
	apply := stream.Apply
	return func(ctx context.Context, js jetstream.JetStream, cfg stream.Config) error {
		err := apply(ctx, js, cfg)
		if err == nil || embedded.Storage() == nil {
			return err
		}
		apply = stream.Reapply
		return fmt.Errorf("%w: %w", embedded.Storage(), err)
	}
}

// storageOf returns how to ask whether persons can be stored; nil where they are held in
// memory.
func (c *serveCmd) storageOf(embedded *natsserver.Server) func() error {
	if c.streamFlags.config().Storage == jetstream.MemoryStorage {
		return nil
	}
	return embedded.Storage
}

func (c *serveCmd) runAgainst(ctx context.Context, log *slog.Logger) error {
	if c.NatsListen != "" {
		return usageError{errors.New("--nats-listen is for the embedded server; with --nats there is none")}
	}
	nc, err := c.connect(c.Nats, "rollcall serve", log)
	if err != nil {
		return err
	}
	return c.run(ctx, log, nc, stream.CreateIfAbsent, nil)
}

func (c *serveCmd) run(ctx context.Context, log *slog.Logger, nc *nats.Conn, prepare prepareFunc, storage func() error) error {
	p, err := newProcess(nc, log, c.streamFlags.config(), prepare)
	if err != nil {
		return err
	}
	p.addGateway(c.gatewayFlags, storage)
	p.addSubscriber(c.subscriberFlags)
	if err := p.addDashboard(c.subscriberFlags); err != nil {
		return err
	}
	return p.serve(ctx, c.listenFlags)
}
