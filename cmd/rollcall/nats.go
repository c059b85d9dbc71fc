package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
)

// natsAccessFlags say how to be let in by a NATS server.
type natsAccessFlags struct {
	NatsCreds string `type:"existingfile" group:"nats" placeholder:"FILE" help:"Credentials: a file with the user's JWT and key."`
	NatsCa    string `type:"existingfile" group:"nats" placeholder:"FILE" help:"Trust the certificates that this one (PEM) has signed. Default: the system's."`
	NatsCert  string `type:"existingfile" group:"nats" placeholder:"FILE" help:"Show this client certificate (PEM)."`
	NatsKey   string `type:"existingfile" group:"nats" placeholder:"FILE" help:"The key (PEM) of --nats-cert."`
}

// given is the first of the flags that is set; empty for none.
func (f natsAccessFlags) given() string {
	for _, flag := range []struct{ name, value string }{
		{"--nats-creds", f.NatsCreds}, {"--nats-ca", f.NatsCa}, {"--nats-cert", f.NatsCert}, {"--nats-key", f.NatsKey},
	} {
		if flag.value != "" {
			return flag.name
		}
	}
	return ""
}

// requireNone is for commands that have a NATS server inside.
func (f natsAccessFlags) requireNone() error {
	if flag := f.given(); flag != "" {
		return usageError{fmt.Errorf("%s is for the server given by --nats; without that the embedded one is used, which asks for nothing", flag)}
	}
	return nil
}

// requirePair says by name what would fail as a file without a name.
func (f natsAccessFlags) requirePair() error {
	switch {
	case f.NatsCert != "" && f.NatsKey == "":
		return usageError{errors.New("--nats-cert needs --nats-key, the key that belongs to the certificate")}
	case f.NatsKey != "" && f.NatsCert == "":
		return usageError{errors.New("--nats-key needs --nats-cert, the certificate that it belongs to")}
	}
	return nil
}

func (f natsAccessFlags) connect(url, name string, log *slog.Logger) (*nats.Conn, error) {
	if err := f.requirePair(); err != nil {
		return nil, err
	}
	nc, err := stream.Connect(stream.Access{
		URL: url, Creds: f.NatsCreds, CA: f.NatsCa, Cert: f.NatsCert, Key: f.NatsKey,
	}, name, log)
	if err != nil {
		return nil, fmt.Errorf("use --nats: %w", err)
	}
	return nc, nil
}

// natsFlags are for a service that has no NATS server of its own.
type natsFlags struct {
	Nats         string `required:"" group:"nats" placeholder:"URL" help:"The NATS server, or several with commas between."`
	CreateStream bool   `group:"stream" help:"Make the stream, with the settings below, if there is none. One that exists is left as it is."`

	natsAccessFlags
}

func (f natsFlags) newProcess(log *slog.Logger, name string, cfg stream.Config) (*process, error) {
	prepare := stream.Require
	if f.CreateStream {
		prepare = stream.CreateIfAbsent
	}
	nc, err := f.connect(f.Nats, name, log)
	if err != nil {
		return nil, err
	}
	return newProcess(nc, log, cfg, prepare)
}

// streamFlags describe the stream.
type streamFlags struct {
	Stream          string           `default:"stream" group:"stream" placeholder:"NAME" help:"The stream's name. Default: ${default}."`
	Subject         string           `default:"contact-person" group:"stream" placeholder:"SUBJECT" help:"The subject that persons are published on. Default: ${default}."`
	Replicas        int              `default:"1" enum:"1,2,3,4,5" group:"stream" placeholder:"N" help:"Store each message on so many servers, 1 to 5. Default: ${default}."`
	Storage         string           `default:"file" enum:"file,memory" group:"stream" placeholder:"KIND" help:"Where messages are stored: ${enum}. Default: ${default}."`
	MaxBytes        byteLimit        `default:"unlimited" group:"stream" placeholder:"BYTES" help:"Hold at most this much. Default: ${default}."`
	MaxAge          time.Duration    `default:"0" group:"stream" placeholder:"DURATION" help:"Keep a message for this long; 0 is for ever. Default: ${default}."`
	Discard         string           `default:"new" enum:"new,old" group:"stream" placeholder:"WHICH" help:"What a full stream does: refuse the new or forget the old: ${enum}. Default: ${default}."`
	DuplicateWindow positiveDuration `default:"${duplicate_window}" group:"stream" placeholder:"DURATION" help:"Remember idempotency keys for this long; less than a minute is too short for imports. Default: ${default}."`
}

func (f streamFlags) config() stream.Config {
	cfg := stream.Config{
		Name: f.Stream, Subject: f.Subject, Replicas: f.Replicas,
		Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew,
		MaxBytes: int64(f.MaxBytes), MaxAge: f.MaxAge, DuplicateWindow: time.Duration(f.DuplicateWindow),
	}
	if f.Storage == "memory" {
		cfg.Storage = jetstream.MemoryStorage
	}
	if f.Discard == "old" {
		cfg.Discard = jetstream.DiscardOld
	}
	return cfg
}
