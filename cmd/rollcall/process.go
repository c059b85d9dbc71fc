package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/gateway"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/subscriber"
	"rollcall/web"
)

// prepareInterval is how often it is tried to prepare the stream while that can't be
// done.
const prepareInterval = 250 * time.Millisecond

// prepareFunc sees to it that the stream is there.
type prepareFunc func(context.Context, jetstream.JetStream, stream.Config) error

// process is a server: a NATS connection, the roles that use it, and the listener
// before them.
type process struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
	stream  *stream.Stream
	config  stream.Config
	prepare prepareFunc

	parts []server.Part
	// work runs beside the listener and ends after it.
	work []func(context.Context)
}

func newProcess(nc *nats.Conn, log *slog.Logger, cfg stream.Config, prepare prepareFunc) (*process, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	return &process{nc: nc, js: js, log: log, stream: stream.Open(js, cfg.Name), config: cfg, prepare: prepare}, nil
}

// addGateway adds the role. storage is its Config's.
func (p *process) addGateway(f gatewayFlags, storage func() error) {
	cfg := f.config(p.config.Subject, p.log)
	cfg.Storage = storage
	g := gateway.New(p.stream, cfg)
	p.parts, p.work = append(p.parts, g), append(p.work, g.Run)
}

func (p *process) addSubscriber(f subscriberFlags) {
	s := subscriber.New(p.stream, f.config(p.log))
	p.parts, p.work = append(p.parts, s), append(p.work, s.Run)
}

func (p *process) addDashboard(f subscriberFlags) error {
	dashboard, err := web.New(time.Duration(f.ProgressInterval))
	if err != nil {
		return err
	}
	p.parts = append(p.parts, dashboard)
	return nil
}

// serve runs until ctx is done, then stops in order: the listener with what is in
// flight, the reading of the stream, and NATS.
func (p *process) serve(ctx context.Context, f listenFlags) error {
	defer p.nc.Close()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	if unprepared := p.prepareNow(ctx); stream.Passing(unprepared) {
		p.work = append(p.work, func(ctx context.Context) { p.prepareWhenPossible(ctx, unprepared, fail) })
	} else if unprepared != nil {
		return inFlags(unprepared)
	}
	config := f.config()
	config.Logger = p.log
	listener, err := server.New(config, p.parts...) //nolint:contextcheck // it only listens, which takes no time
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	stopWork := p.startWork(ctx)
	defer stopWork()
	p.log.Info("listening", "url", "http://"+listener.Addr().String())
	err = listener.Serve(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return errors.Join(cause, err)
	}
	stopWork()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return p.drain()
}

// startWork runs what the roles do beside answering. It outlives ctx, so that
// what is in flight when the stop begins is still seen.
func (p *process) startWork(ctx context.Context) (stop func()) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	for _, work := range p.work {
		group.Go(func() { work(working) })
	}
	return func() {
		cancel()
		group.Wait()
	}
}

// prepareNow sees to it that the stream is there, or says why that can't be done now.
func (p *process) prepareNow(ctx context.Context) error {
	if !p.nc.IsConnected() {
		return stream.ErrAway
	}
	return p.prepare(ctx, p.js, p.config)
}

// prepareWhenPossible does what serve could not, for a reason that passes. That NATS is
// away, the connection says.
func (p *process) prepareWhenPossible(ctx context.Context, err error, fail context.CancelCauseFunc) {
	ticker := time.NewTicker(prepareInterval)
	defer ticker.Stop()
	var said string
	for ctx.Err() == nil {
		switch text := fmt.Sprint(err); {
		case err == nil:
			if said != "" {
				p.log.Info("the stream is prepared", "stream", p.config.Name)
			}
			return
		case !stream.Passing(err):
			fail(inFlags(err))
			return
		case text != said && !errors.Is(err, stream.ErrAway):
			p.log.Warn("the stream can't be prepared yet; trying again", "stream", p.config.Name, "error", inFlags(err))
			said = text
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		err = p.prepareNow(ctx)
	}
}

// drain lets NATS take what it was given, and closes.
func (p *process) drain() error {
	if p.nc.IsConnected() {
		if err := p.nc.FlushTimeout(time.Second); err != nil {
			return fmt.Errorf("flush NATS: %w", err)
		}
	}
	p.log.Info("stopped")
	return nil
}
