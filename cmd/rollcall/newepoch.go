package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/natsserver"
	"rollcall/internal/stream"
)

// newEpochTimeout bounds the whole of it: NATS is there or is not.
const newEpochTimeout = 10 * time.Second

// newEpochCmd sets a new epoch.
type newEpochCmd struct {
	Nats   string `xor:"place" required:"" group:"nats" placeholder:"URL" help:"The NATS server that has the stream, or several with commas between."`
	Data   string `xor:"place" required:"" type:"existingdir" group:"nats" placeholder:"DIR" help:"Or the folder in which rollcall serve, stopped meanwhile, keeps it."`
	Stream string `default:"stream" group:"nats" placeholder:"NAME" help:"The stream's name. Default: ${default}."`
	Yes    bool   `help:"Do it; without it, say what would be done."`

	natsAccessFlags
}

// Help is the longer part of --help.
func (*newEpochCmd) Help() string {
	return `For after an older copy of the stream was restored: it counts on from where the copy ended, so that sequences which watchers have seen are given to other persons. A new epoch tells the old positions from the new ones: whoever resumes from an old one is told that the stream was made anew, and gets it from its start. Nothing in the stream is changed.

Stop the gateways before the restore and start them after this: they would answer with the epoch they know.

` + examples(
		`rollcall new-epoch --nats nats://127.0.0.1:4222 --yes`,
		`rollcall new-epoch --data ./data --yes`,
		`rollcall new-epoch --nats nats://127.0.0.1:4222 --stream persons`,
	)
}

// Run sets the epoch, or says what that would mean.
func (c *newEpochCmd) Run(ctx context.Context, log *slog.Logger) (err error) {
	nc, stop, err := c.open(log) //nolint:contextcheck // the embedded server is stopped by stop, after all that uses it
	if err != nil {
		return err
	}
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, newEpochTimeout)
	defer cancel()
	if err := untilConnected(ctx, nc); err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("use JetStream: %w", err)
	}
	s, err := js.Stream(ctx, c.Stream)
	if err != nil {
		return fmt.Errorf("look up stream %q: %w", c.Stream, err)
	}
	before := stream.Epoch(s.CachedInfo())
	if !c.Yes {
		return usageError{fmt.Errorf("stream %q has the epoch %s; with a new one, all who resume from a position of before are told that it was made anew, and get its %d messages from the start: give --yes to set it",
			c.Stream, before, s.CachedInfo().State.Msgs)}
	}
	now, err := stream.SetNewEpoch(ctx, js, c.Stream)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(os.Stdout, "stream %q has the epoch %s now; it was %s\n", c.Stream, now, before); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// open connects to the server given, or to one on the files given.
func (c *newEpochCmd) open(log *slog.Logger) (nc *nats.Conn, stop func(), err error) {
	if c.Nats != "" {
		nc, err = c.connect(c.Nats, "rollcall new-epoch", log)
		if err != nil {
			return nil, nil, err
		}
		return nc, nc.Close, nil
	}
	if err := c.requireNone(); err != nil {
		return nil, nil, err
	}
	if !natsserver.HasFiles(c.Data) {
		return nil, nil, usageError{fmt.Errorf("--data %s: rollcall serve has kept nothing there", c.Data)}
	}
	embedded, err := natsserver.Start(natsserver.Config{Dir: c.Data}, log)
	if err != nil {
		return nil, nil, fmt.Errorf("open --data: %w", err)
	}
	nc, err = embedded.Connect("rollcall new-epoch", log)
	if err != nil {
		embedded.Stop()
		return nil, nil, fmt.Errorf("open --data: %w", err)
	}
	return nc, func() { nc.Close(); embedded.Stop() }, nil
}

// untilConnected waits for a connection that may be under way still.
func untilConnected(ctx context.Context, nc *nats.Conn) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !nc.IsConnected() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("NATS was not reached within %s", newEpochTimeout)
			}
			return ctx.Err()
		}
	}
	return nil
}
