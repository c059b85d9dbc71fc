package peer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/gateway"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/subscriber"
)

const (
	streamName = "stream"
	subject    = "contact-person"

	readyTimeout = 30 * time.Second
	readyLook    = 10 * time.Millisecond
	// stallWait is how long the publisher waits for room; NATS's own 200 ms would
	// end a run at the first pause.
	stallWait = 10 * time.Second
)

// rollcall is what `rollcall serve` composes, with its defaults: JetStream in the
// process, on files, and both roles behind one listener. Only the publisher is
// beside it rather than a client of the gateway.
type rollcall struct {
	dir      string
	embedded *stream.Embedded
	nc       *nats.Conn
	js       jetstream.JetStream
	server   *server.Server
	mould    *mould

	stop    context.CancelFunc
	running sync.WaitGroup
}

func startRollcall() (Peer, error) {
	r := &rollcall{}
	if err := r.start(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *rollcall) start() (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if r.mould, err = newMould(); err != nil {
		return err
	}
	if r.dir, err = os.MkdirTemp("", "rollcall-bench-"); err != nil {
		return fmt.Errorf("make a data directory: %w", err)
	}
	r.embedded, err = stream.StartEmbedded(stream.EmbeddedConfig{Dir: r.dir, SyncInterval: time.Second}, log)
	if err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	if r.nc, err = r.embedded.Connect("rollcall bench", log); err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	if r.js, err = jetstream.New(r.nc); err != nil {
		return fmt.Errorf("use JetStream: %w", err)
	}
	return r.serve(log)
}

func (r *rollcall) serve(log *slog.Logger) error {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	err := stream.Apply(ctx, r.js, stream.Config{
		Name: streamName, Subject: subject, Replicas: 1, Storage: jetstream.FileStorage,
		Discard: jetstream.DiscardNew, MaxBytes: -1, DuplicateWindow: 10 * time.Minute,
	})
	if err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	in := gateway.New(r.nc, r.js, gateway.Config{Stream: streamName, Subject: subject, Timeout: 5 * time.Second, InFlight: gateway.DefaultInFlight, Logger: log})
	out := subscriber.New(r.nc, r.js, subscriber.Config{
		Stream: streamName, RingBytes: subscriber.DefaultRingBytes, Replays: subscriber.DefaultReplays,
		Filters: subscriber.DefaultFilters, FilterCost: subscriber.DefaultFilterCost,
		ProgressInterval: subscriber.DefaultProgressInterval, WriteTimeout: subscriber.DefaultWriteTimeout, Logger: log,
	})
	r.server, err = server.New(server.Config{Listen: anyPort, Logger: log}, in, out)
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
func (r *rollcall) Address() string { return r.server.Addr().String() }

// Publish stores a person in the stream. JetStream acknowledges each; thousands
// may be on their way.
func (r *rollcall) Publish(event []byte) error {
	if _, err := r.js.PublishAsync(subject, r.mould.cast(event), jetstream.WithStallWait(stallWait)); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// Close ends it and removes its files.
func (r *rollcall) Close() {
	if r.stop != nil {
		r.stop()
	}
	r.running.Wait()
	if r.nc != nil {
		r.nc.Close()
	}
	if r.embedded != nil {
		r.embedded.Stop()
	}
	_ = os.RemoveAll(r.dir)
}
