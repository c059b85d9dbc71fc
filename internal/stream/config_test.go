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

func TestImpossibleSettingsAreRefusedByField(t *testing.T) {
	_, js := streamtest.Start(t, func(o *server.Options) {
		o.JetStreamMaxStore, o.JetStreamMaxMemory = 1<<30, 1<<20
	}).Connect()
	for want, change := range map[string]func(*stream.Config){
		"Replicas 3: the NATS server is one and no cluster: ask for 1, or use a cluster":           func(c *stream.Config) { c.Replicas = 3 },
		"MaxBytes 1099511627776: more than the NATS server may hold in file storage: ask for less": func(c *stream.Config) { c.MaxBytes = 1 << 40 },
		"MaxBytes 9223372036854775807: more than the NATS server may hold in file storage":         func(c *stream.Config) { c.MaxBytes = math.MaxInt64 },
		"MaxBytes 2097152: more than the NATS server may hold in memory storage: ask for less": func(c *stream.Config) {
			c.MaxBytes, c.Storage = 2<<20, jetstream.MemoryStorage
		},
		"MaxAge 1ms: must be 0 for ever, or at least 100ms": func(c *stream.Config) { c.MaxAge = time.Millisecond },
		"MaxAge -1h0m0s: must be 0 for ever":                func(c *stream.Config) { c.MaxAge = -time.Hour },
		"DuplicateWindow 1ms: must be at least 100ms":       func(c *stream.Config) { c.DuplicateWindow = time.Millisecond },
		`Subject "persons.>": must be one subject`:          func(c *stream.Config) { c.Subject = "persons.>" },
		`Subject "persons..new": must be one subject`:       func(c *stream.Config) { c.Subject = "persons..new" },
		`Subject "$JS.API": must be one subject`:            func(c *stream.Config) { c.Subject = "$JS.API" },
		`Name "a.b": a stream's name has no dots`:           func(c *stream.Config) { c.Name = "a.b" },
		`Name "": a stream's name has no dots`:              func(c *stream.Config) { c.Name = "" },
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

func TestStorageThatCannotBeChangedIsRefusedByField(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	streamtest.CreateStream(t, js, cfg)
	cfg.Storage = jetstream.MemoryStorage
	want := `stream's Storage memory: stream "stream" is stored in file, and that cannot be changed: ask for file, or for a stream of another name`
	if err := stream.Apply(t.Context(), js, cfg); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	// A limit that is too large by now is refused on the stream there is, too.
	cfg.Storage, cfg.Replicas = jetstream.FileStorage, 3
	if err := stream.Apply(t.Context(), js, cfg); err == nil || !strings.HasPrefix(err.Error(), "stream's Replicas 3: ") {
		t.Errorf("got %v", err)
	}
}

func TestSettingsThatAreJustPossible(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	for _, shortest := range []time.Duration{time.Minute, 100 * time.Millisecond} {
		cfg.MaxAge, cfg.DuplicateWindow = shortest, shortest
		if err := stream.Apply(t.Context(), js, cfg); err != nil {
			t.Errorf("kept and remembered for %s: %v", shortest, err)
		}
	}
}
