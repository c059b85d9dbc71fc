package stream_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

func TestImpossibleSettingsAreRefusedByTheirFlags(t *testing.T) {
	_, js := streamtest.Start(t, func(o *server.Options) {
		o.JetStreamMaxStore, o.JetStreamMaxMemory = 1<<30, 1<<20
	}).Connect()
	for want, change := range map[string]func(*stream.Config){
		"--replicas 3: the NATS server is one and no cluster: give --replicas 1 or, with --nats, a cluster's address": func(c *stream.Config) { c.Replicas = 3 },
		"--max-bytes 1099511627776: more than the NATS server may hold in file storage: give less":                    func(c *stream.Config) { c.MaxBytes = 1 << 40 },
		"--max-bytes 9223372036854775807: more than the NATS server may hold in file storage":                         func(c *stream.Config) { c.MaxBytes = math.MaxInt64 },
		"--max-bytes 2097152: more than the NATS server may hold in memory storage: give less": func(c *stream.Config) {
			c.MaxBytes, c.Storage = 2<<20, jetstream.MemoryStorage
		},
		"--max-age 1ms: must be 0 for ever, or at least 100ms": func(c *stream.Config) { c.MaxAge = time.Millisecond },
		"--max-age -1h0m0s: must be 0 for ever":                func(c *stream.Config) { c.MaxAge = -time.Hour },
		"--duplicate-window 1ms: must be at least 100ms":       func(c *stream.Config) { c.DuplicateWindow = time.Millisecond },
		`--subject "persons.>": must be one subject`:           func(c *stream.Config) { c.Subject = "persons.>" },
		`--subject "persons..new": must be one subject`:        func(c *stream.Config) { c.Subject = "persons..new" },
		`--subject "$JS.API": must be one subject`:             func(c *stream.Config) { c.Subject = "$JS.API" },
		`--stream "a.b": a stream's name has no dots`:          func(c *stream.Config) { c.Name = "a.b" },
	} {
		t.Run(want, func(t *testing.T) {
			cfg := streamtest.Config()
			change(&cfg)
			for _, prepare := range []func(context.Context, jetstream.JetStream, stream.Config) error{stream.Apply, stream.CreateIfAbsent} {
				if err := prepare(t.Context(), js, cfg); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "err_code") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestStorageThatCannotBeChangedIsRefusedByItsFlag(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	streamtest.CreateStream(t, js, cfg)
	cfg.Storage = jetstream.MemoryStorage
	want := `--storage memory: stream "stream" is stored in file, and that cannot be changed: give --storage file, or another --stream`
	if err := stream.Apply(t.Context(), js, cfg); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	// A limit that is too large by now is refused on the stream there is, too.
	cfg.Storage, cfg.Replicas = jetstream.FileStorage, 3
	if err := stream.Apply(t.Context(), js, cfg); err == nil || !strings.HasPrefix(err.Error(), "--replicas 3: ") {
		t.Errorf("got %v", err)
	}
}
