package rollcall

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rollcall/bench/listen"
	"rollcall/gateway"
	"rollcall/internal/server"
	"rollcall/subscriber"
)

const (
	readyTimeout = 30 * time.Second
	readyLook    = 10 * time.Millisecond
)

// Rollcall takes persons in and sends them out.
type Rollcall struct {
	*JetStream

	server  *server.Server
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Start starts both roles and returns when they are ready.
func Start() (*Rollcall, error) { return start((*Rollcall).gateway, (*Rollcall).subscriber) }

// StartGateway is Start for the gateway alone.
func StartGateway() (*Rollcall, error) { return start((*Rollcall).gateway) }

// role is one that runs until ctx is done.
type role interface {
	server.Role
	Run(ctx context.Context)
}

func start(roles ...func(*Rollcall, *slog.Logger) role) (*Rollcall, error) {
	j, err := StartJetStream()
	if err != nil {
		return nil, err
	}
	r := &Rollcall{JetStream: j}
	if err := r.serve(logger(), roles); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Rollcall) gateway(log *slog.Logger) role {
	return gateway.New(r.Stream, gateway.Config{
		Subject: Subject, Timeout: gateway.DefaultTimeout,
		Calls: gateway.DefaultCalls, Messages: gateway.DefaultMessages, Logger: log,
	})
}

func (r *Rollcall) subscriber(log *slog.Logger) role {
	return subscriber.New(r.Stream, subscriber.Config{
		RingBytes: subscriber.DefaultRingBytes, Replays: subscriber.DefaultReplays,
		Filters: subscriber.DefaultFilters, FilterCost: subscriber.DefaultFilterCost,
		ProgressInterval: subscriber.DefaultProgressInterval, WriteTimeout: subscriber.DefaultWriteTimeout, Logger: log,
	})
}

func (r *Rollcall) serve(log *slog.Logger, made []func(*Rollcall, *slog.Logger) role) (err error) {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	roles, parts := make([]server.Role, len(made)), make([]server.Part, len(made))
	for i, newRole := range made {
		role := newRole(r, log)
		roles[i], parts[i] = role, role
		r.running.Go(func() { role.Run(ctx) })
	}
	r.server, err = server.New(server.Config{Listen: listen.AnyPort, Logger: log}, parts...)
	if err != nil {
		return err
	}
	r.running.Go(func() { _ = r.server.Serve(ctx) })
	return awaitReady(roles)
}

func awaitReady(roles []server.Role) error {
	for began := time.Now(); ; time.Sleep(readyLook) {
		var err error
		for _, role := range roles {
			err = errors.Join(err, role.Ready())
		}
		if err == nil {
			return nil
		}
		if time.Since(began) > readyTimeout {
			return fmt.Errorf("not ready within %s: %w", readyTimeout, err)
		}
	}
}

// Address is where it listens.
func (r *Rollcall) Address() string { return r.server.Addr().String() }

// Close ends it and removes its files.
func (r *Rollcall) Close() {
	if r.stop != nil {
		r.stop()
	}
	r.running.Wait()
	r.JetStream.Close()
}
