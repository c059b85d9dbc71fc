package stream_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

var (
	toPublish = stream.Use{Subject: streamtest.Subject, Usual: 4 << 10, Largest: 64 << 10}
	toRead    = stream.Use{Readers: 18}
)

// TestSettings makes a stream with each setting that JetStream lets be set. What is
// found of it is written as breaks or weakens and the setting's name.
func TestSettings(t *testing.T) {
	tests := []struct {
		name            string
		change          func(*jetstream.StreamConfig)
		publish, toRead string
	}{
		{"as rollcall makes it", func(*jetstream.StreamConfig) {}, "", ""},
		{"limits with room", func(c *jetstream.StreamConfig) {
			c.MaxMsgs, c.MaxBytes, c.MaxAge, c.Discard = 2, 1<<20, time.Hour, jetstream.DiscardOld
		}, "", ""},
		{"a longer window, compressed, without direct access", func(c *jetstream.StreamConfig) {
			c.Duplicates, c.Compression, c.AllowDirect = time.Hour, jetstream.S2Compression, false
		}, "", ""},
		{"more subjects", func(c *jetstream.StreamConfig) { c.Subjects = []string{"other.>", "*"} }, "", ""},
		{"put on and taken from other subjects", func(c *jetstream.StreamConfig) {
			c.SubjectTransform = &jetstream.SubjectTransformConfig{Source: ">", Destination: "t.>"}
			c.RePublish = &jetstream.RePublish{Source: ">", Destination: "r.>"}
		}, "", ""},
		{"other subjects", func(c *jetstream.StreamConfig) { c.Subjects = []string{"other"} }, "breaks subjects", ""},
		{"mirror", func(c *jetstream.StreamConfig) {
			*c = jetstream.StreamConfig{Name: c.Name, Mirror: &jetstream.StreamSource{Name: "origin"}}
		}, "breaks mirror", "breaks mirror"},
		{"mirror that says which epoch it has", func(c *jetstream.StreamConfig) {
			*c = jetstream.StreamConfig{Name: c.Name, Mirror: &jetstream.StreamSource{Name: "origin"}, Metadata: map[string]string{stream.EpochKey: "1"}}
		}, "breaks mirror", ""},
		{"filled from others", func(c *jetstream.StreamConfig) { c.Sources = []*jetstream.StreamSource{{Name: "origin"}} }, "", "breaks sources"},
		{"no_ack", func(c *jetstream.StreamConfig) { c.NoAck = true }, "breaks no_ack", ""},
		{"interest", func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy }, "breaks retention", "breaks retention"},
		{"work queue", func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy }, "breaks retention", "breaks retention"},
		{"counter", func(c *jetstream.StreamConfig) { c.AllowMsgCounter, c.Discard = true, jetstream.DiscardOld }, "breaks allow_msg_counter", ""},
		{"too small a message", func(c *jetstream.StreamConfig) { c.MaxMsgSize = 4 << 10 }, "breaks max_msg_size", ""},
		{"small messages", func(c *jetstream.StreamConfig) { c.MaxMsgSize = 64 << 10 }, "weakens max_msg_size", ""},
		{"messages large enough", func(c *jetstream.StreamConfig) { c.MaxMsgSize = 65 << 10 }, "", ""},
		{"one message, refusing", func(c *jetstream.StreamConfig) { c.MaxMsgs = 1 }, "breaks max_msgs", ""},
		{"one message a subject, refusing", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject, c.DiscardNewPerSubject = 1, true }, "breaks discard_new_per_subject", ""},
		{"one message a subject, forgetting", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 }, "breaks max_msgs_per_subject", ""},
		{"some messages a subject, refusing", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject, c.DiscardNewPerSubject = 5, true }, "", ""},
		{"some messages a subject, forgetting", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 5 }, "weakens max_msgs_per_subject", ""},
		{"some messages a subject, as chosen", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject, c.Discard = 5, jetstream.DiscardOld }, "", ""},
		{"short window", func(c *jetstream.StreamConfig) { c.Duplicates = 59 * time.Second }, "weakens duplicate_window", ""},
		{"memory", func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage }, "weakens storage", ""},
		{"async", func(c *jetstream.StreamConfig) {
			c.PersistMode, c.AllowAtomicPublish = jetstream.AsyncPersistMode, false
		}, "weakens persist_mode, weakens allow_atomic", ""},
		{"no batches", func(c *jetstream.StreamConfig) { c.AllowAtomicPublish = false }, "weakens allow_atomic", ""},
		{"nothing deleted", func(c *jetstream.StreamConfig) { c.DenyDelete = true }, "weakens deny_delete", ""},
		{"nothing purged", func(c *jetstream.StreamConfig) { c.DenyPurge = true }, "weakens deny_purge", ""},
		{"too few consumers", func(c *jetstream.StreamConfig) { c.MaxConsumers = 17 }, "", "breaks max_consumers"},
		{"few consumers", func(c *jetstream.StreamConfig) { c.MaxConsumers = 18 }, "", "weakens max_consumers"},
		{"impatient with consumers", func(c *jetstream.StreamConfig) { c.ConsumerLimits.InactiveThreshold = 59 * time.Second }, "", "breaks consumer_limits"},
		{"patient with consumers", func(c *jetstream.StreamConfig) { c.ConsumerLimits.InactiveThreshold = time.Minute }, "", ""},
		{"short-lived", func(c *jetstream.StreamConfig) { c.MaxAge, c.Duplicates = 30*time.Second, 30*time.Second }, "weakens duplicate_window", "weakens max_age"},
		{"markers", func(c *jetstream.StreamConfig) {
			c.AllowMsgTTL, c.AllowRollup, c.SubjectDeleteMarkerTTL, c.MaxAge = true, true, time.Second, time.Hour
		}, "", "weakens subject_delete_marker_ttl"},
		{"sealed", func(c *jetstream.StreamConfig) { c.Sealed = true }, "breaks sealed", ""},
	}
	_, js := streamtest.Start(t).Connect()
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "origin", Subjects: []string{"its.own"}}); err != nil {
		t.Fatal(err)
	}
	for n, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := streamtest.Config()
			cfg.Name = fmt.Sprint("stream-", n)
			streamtest.CreateStream(t, js, cfg)
			s, err := js.Stream(t.Context(), cfg.Name)
			if err != nil {
				t.Fatal(err)
			}
			settings := s.CachedInfo().Config
			test.change(&settings)
			if _, err := js.UpdateStream(t.Context(), settings); err != nil { // as for what can't be changed
				if err := js.DeleteStream(t.Context(), cfg.Name); err != nil {
					t.Fatal(err)
				}
				if _, err := js.CreateStream(t.Context(), settings); err != nil {
					t.Fatal(err)
				}
			}
			defer func() { _ = js.DeleteStream(t.Context(), cfg.Name) }()
			if got := found(t, js, cfg.Name, toPublish); got != test.publish {
				t.Errorf("to publish: found %q, want %q", got, test.publish)
			}
			if got := found(t, js, cfg.Name, toRead); got != test.toRead {
				t.Errorf("to read: found %q, want %q", got, test.toRead)
			}
		})
	}
}

// found is what an inspection logs, and whether it is an error, too.
func found(t *testing.T, js jetstream.JetStream, name string, use stream.Use) string {
	t.Helper()
	state, err := stream.Open(js, name).State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var said streamtest.Log
	inspection := stream.NewInspection(use, said.Logger())
	for range 3 { // it is said once
		inspection.Look(state)
	}
	var all []string
	for line := range strings.Lines(said.String()) {
		var effect, setting string
		for word := range strings.FieldsSeq(line) {
			if word == "breaks" || word == "weakens" {
				effect = word
			}
			if name, ok := strings.CutPrefix(word, "setting="); ok && setting == "" {
				setting = name
			}
		}
		if !strings.Contains(line, name) || !strings.Contains(line, "way_out=") || strings.Contains(line, "%!") {
			t.Errorf("logged %q", line)
		}
		all = append(all, effect+" "+setting)
	}
	text := strings.Join(all, ", ")
	if err := inspection.Err(); errors.Is(err, stream.ErrSettings) != strings.Contains(text, "breaks") {
		t.Errorf("the error is %v where %q was found", err, text)
	}
	return text
}

func TestSettingsAreSaidAgainWhenTheyWereMendedMeanwhile(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	var said streamtest.Log
	inspection := stream.NewInspection(toPublish, said.Logger())
	for range 2 {
		for _, window := range []time.Duration{time.Second, time.Hour} {
			cfg.DuplicateWindow = window
			if err := stream.Apply(t.Context(), js, cfg); err != nil {
				t.Fatal(err)
			}
			state, err := stream.Open(js, cfg.Name).State(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			inspection.Look(state)
		}
	}
	if got := strings.Count(said.String(), "setting=duplicate_window"); got != 2 {
		t.Errorf("said %d times:\n%s", got, said.String())
	}
}

func TestSettingThatIsMendedBreaksNothing(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	streamtest.CreateStream(t, js, streamtest.Config())
	inspection := stream.NewInspection(toPublish, slog.New(slog.DiscardHandler))
	for _, most := range []int64{1, -1, 1} {
		cfg := info(t, js).Config
		cfg.MaxMsgs = most
		if _, err := js.UpdateStream(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		state, err := stream.Open(js, streamtest.Name).State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		inspection.Look(state)
		if err := inspection.Err(); errors.Is(err, stream.ErrSettings) != (most == 1) {
			t.Errorf("max_msgs %d: %v", most, err)
		}
	}
}

func TestServersMaxPayloadIsLookedAt(t *testing.T) {
	_, js := streamtest.Start(t, func(o *server.Options) { o.MaxPayload = 4 << 10 }).Connect()
	streamtest.CreateStream(t, js, streamtest.Config())
	state, err := stream.Open(js, streamtest.Name).State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	inspection := stream.NewInspection(toPublish, slog.New(slog.DiscardHandler))
	inspection.Look(state)
	if err := inspection.Err(); err == nil || !strings.Contains(err.Error(), "max_payload: 4096, which is the NATS server's") {
		t.Errorf("got %v", err)
	}
}
