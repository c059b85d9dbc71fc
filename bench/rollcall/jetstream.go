// Package rollcall is what `rollcall serve` composes, with its defaults: JetStream in
// the process, on files, and both roles behind one listener.
package rollcall

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/natsserver"
	"rollcall/internal/stream"
)

// The stream and what it takes.
const (
	StreamName = "stream"
	Subject    = "contact-person"
)

// JetStream is in the process, on files that are removed at the end.
type JetStream struct {
	NC     *nats.Conn
	JS     jetstream.JetStream
	Stream *stream.Stream

	dir      string
	embedded *natsserver.Server
}

// StartJetStream starts it with an empty stream.
func StartJetStream() (*JetStream, error) {
	j := &JetStream{}
	if err := j.start(logger()); err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

// logger says what an operator should know.
func logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (j *JetStream) start(log *slog.Logger) (err error) {
	if j.dir, err = os.MkdirTemp("", "rollcall-bench-"); err != nil {
		return fmt.Errorf("make a data directory: %w", err)
	}
	j.embedded, err = natsserver.Start(natsserver.Config{Dir: j.dir, SyncInterval: time.Second}, log)
	if err != nil {
		return err
	}
	if j.NC, err = j.embedded.Connect("rollcall bench", log); err != nil {
		return err
	}
	if j.JS, err = jetstream.New(j.NC); err != nil {
		return fmt.Errorf("use JetStream: %w", err)
	}
	j.Stream = stream.Open(j.JS, StreamName)

	return stream.Apply(context.Background(), j.JS, stream.Config{
		Name: StreamName, Subject: Subject, Replicas: 1, Storage: jetstream.FileStorage,
		Discard: jetstream.DiscardNew, MaxBytes: -1, DuplicateWindow: 10 * time.Minute,
	})
}

// Stored is how many messages the stream holds.
func (j *JetStream) Stored() (uint64, error) {
	s, err := j.JS.Stream(context.Background(), StreamName)
	if err != nil {
		return 0, fmt.Errorf("look at the stream: %w", err)
	}
	return s.CachedInfo().State.Msgs, nil
}

// Close ends it and removes its files.
func (j *JetStream) Close() {
	if j.NC != nil {
		j.NC.Close()
	}
	if j.embedded != nil {
		j.embedded.Stop()
	}
	_ = os.RemoveAll(j.dir)
}
