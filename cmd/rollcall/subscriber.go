package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/subscriber"
)

// subscriberFlags say how a subscriber works.
type subscriberFlags struct {
	Ring             byteSize         `default:"${ring}" group:"watching" placeholder:"BYTES" help:"Keep the latest events in this much memory. Default: ${default}."`
	Replays          int              `default:"${replays}" group:"watching" placeholder:"N" help:"Read from JetStream for at most so many watches at a time; the others that are behind the memory wait. Default: ${default}."`
	Filters          int              `default:"${filters}" group:"watching" placeholder:"N" help:"At most so many different filters at a time. Default: ${default}."`
	FilterCost       uint64           `default:"${filter_cost}" group:"watching" placeholder:"UNITS" help:"A filter that costs more than this for one person does not match it; in CEL's units, about one an operation and one for ten characters looked at. Default: ${default}."`
	ProgressInterval positiveDuration `default:"${progress_interval}" group:"watching" placeholder:"DURATION" help:"Let an idle watch hear this often that it is alive, which the dashboard goes by; at least ${shortest_progress_interval}. rollcall watch takes a server for gone that is silent for ${silence}: stay well below, and below the time-outs of proxies. Default: ${default}."`
	WatchTimeout     positiveDuration `default:"${watch_timeout}" group:"watching" placeholder:"DURATION" help:"Cut off a watch whose client takes nothing for this long. Default: ${default}."`
}

// shortestProgressInterval keeps idle watches from being a load of their own.
const shortestProgressInterval = 100 * time.Millisecond

// Validate is called by kong.
func (f subscriberFlags) Validate() error {
	if interval := time.Duration(f.ProgressInterval); interval < shortestProgressInterval {
		return fmt.Errorf("--progress-interval %s must be at least %s", interval, shortestProgressInterval)
	}
	return nil
}

// config is the subscriber's.
func (f subscriberFlags) config(log *slog.Logger) subscriber.Config {
	return subscriber.Config{
		RingBytes: int64(f.Ring), Replays: max(f.Replays, 1),
		Filters: max(f.Filters, 0), FilterCost: f.FilterCost,
		ProgressInterval: time.Duration(f.ProgressInterval), WriteTimeout: time.Duration(f.WatchTimeout), Logger: log,
	}
}

// forReading is a preparation for who only reads. Which subjects the stream takes is not
// its matter, and for one that is not there the subscriber waits, and says so.
func forReading(prepare prepareFunc) prepareFunc {
	return func(ctx context.Context, js jetstream.JetStream, cfg stream.Config) error {
		err := prepare(ctx, js, cfg)
		if errors.Is(err, stream.ErrNoStream) || errors.Is(err, stream.ErrSubject) {
			return nil
		}
		return err
	}
}

// subscriberCmd runs the subscriber alone.
type subscriberCmd struct {
	listenFlags
	natsFlags
	streamFlags
	subscriberFlags
}

// Run serves until ctx is done.
func (c *subscriberCmd) Run(ctx context.Context, log *slog.Logger) error {
	p, err := c.newProcess(log, "rollcall subscriber", c.streamFlags.config())
	if err != nil {
		return err
	}
	p.prepare = forReading(p.prepare)
	p.addSubscriber(c.subscriberFlags)
	if err := p.addDashboard(c.subscriberFlags); err != nil {
		return err
	}
	return p.serve(ctx, c.listenFlags)
}
