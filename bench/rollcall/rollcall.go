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

// Start starts it and returns when it is ready.
func Start() (*Rollcall, error) {
	j, err := StartJetStream()
	if err != nil {
		return nil, err
	}
	r := &Rollcall{JetStream: j}
	if err := r.serve(logger()); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Rollcall) serve(log *slog.Logger) (err error) {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	in := gateway.New(r.NC, r.JS, gateway.Config{Stream: StreamName, Subject: Subject, Timeout: 5 * time.Second, InFlight: gateway.DefaultInFlight, Logger: log})
	out := subscriber.New(r.NC, r.JS, subscriber.Config{
		Stream: StreamName, RingBytes: subscriber.DefaultRingBytes, Replays: subscriber.DefaultReplays,
		Filters: subscriber.DefaultFilters, FilterCost: subscriber.DefaultFilterCost,
		ProgressInterval: subscriber.DefaultProgressInterval, WriteTimeout: subscriber.DefaultWriteTimeout, Logger: log,
	})
	r.server, err = server.New(server.Config{Listen: listen.AnyPort, Logger: log}, in, out)
	if err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	r.running.Go(func() { in.Run(ctx) })
	r.running.Go(func() { out.Run(ctx) })
	r.running.Go(func() { _ = r.server.Serve(ctx) })
	for began := time.Now(); ; time.Sleep(readyLook) {
		err := errors.Join(in.Ready(), out.Ready())
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
