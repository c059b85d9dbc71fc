package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

var discard = slog.New(slog.DiscardHandler)

func TestRequireSaysHowToMakeAStream(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	err := stream.Require(t.Context(), js, streamtest.Config())
	if !errors.Is(err, stream.ErrNoStream) {
		t.Fatalf("got %v, want no stream", err)
	}
	for _, part := range []string{`"stream"`, "nats stream add stream --subjects contact-person"} {
		if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q lacks %q, or is not one line", err, part)
		}
	}
}

func TestCreateIfAbsentLeavesWhatThereIs(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	cfg.MaxBytes = 1 << 20
	streamtest.CreateStream(t, js, cfg)
	cfg.MaxBytes = 2 << 20
	streamtest.CreateStream(t, js, cfg)
	if got := info(t, js).Config.MaxBytes; got != 1<<20 {
		t.Errorf("max bytes: got %d, want what the stream was made with", got)
	}
}

func TestApplyChangesWhatThereIs(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	for _, window := range []time.Duration{10 * time.Minute, time.Minute} {
		cfg.DuplicateWindow = window
		if err := stream.Apply(t.Context(), js, cfg); err != nil {
			t.Fatal(err)
		}
		if got := info(t, js).Config.Duplicates; got != window {
			t.Errorf("duplicate window: got %s, want %s", got, window)
		}
	}
}

// TestWhatPassesIsWaitedFor has a stream asked for and made, with somebody who answers in
// JetStream's place.
func TestWhatPassesIsWaitedFor(t *testing.T) {
	t.Parallel()
	says := func(status, code int, description string) string {
		return fmt.Sprintf(`{"error":{"code":%d,"err_code":%d,"description":%q}}`, status, code, description)
	}
	missing := says(404, 10059, "stream not found")
	tests := []struct {
		name, info, create string
		passing            bool
	}{
		{"JetStream is not there", "", "", true},
		{"no leader", says(503, 10008, "JetStream system temporarily unavailable"), "", true},
		{"not for this account yet", says(503, 10039, "JetStream not enabled for account"), "", true},
		{"too few servers", missing, says(400, 10005, "no suitable peers for placement"), true},
		{"no leader when it is to be made", missing, says(503, 10008, "JetStream system temporarily unavailable"), true},
		{"no cluster", missing, says(500, 10074, "replicas > 1 not supported in non-clustered mode"), false},
		{"subjects that another has", missing, says(400, 10065, "subjects overlap with an existing stream"), false},
		{"more than may be stored", missing, says(500, 10047, "insufficient storage resources available"), false},
		{"a configuration that can't be", missing, says(500, 10052, "invalid configuration"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			nc, _ := streamtest.Start(t).Connect()
			js, err := jetstream.NewWithAPIPrefix(nc, "ANOTHER.API")
			if err != nil {
				t.Fatal(err)
			}
			for question, answer := range map[string]string{"STREAM.INFO.stream": test.info, "STREAM.CREATE.stream": test.create} {
				if answer == "" {
					continue
				}
				if _, err := nc.Subscribe("ANOTHER.API."+question, func(m *nats.Msg) { _ = m.Respond([]byte(answer)) }); err != nil {
					t.Fatal(err)
				}
			}
			if err := stream.CreateIfAbsent(t.Context(), js, streamtest.Config()); err == nil || stream.Passing(err) != test.passing {
				t.Errorf("got %v, passing: %v", err, stream.Passing(err))
			}
		})
	}
	if stream.Passing(nil) {
		t.Error("nothing failed, and it passes")
	}
}

// TestApplyWritesWhatChangedAlone counts what is asked of JetStream: a full disk takes no
// settings, also where they are as they were.
func TestApplyWritesWhatChangedAlone(t *testing.T) {
	nc, js := streamtest.Start(t).Connect()
	asked, err := nc.SubscribeSync("$JS.API.STREAM.UPDATE." + streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	updates := func() int {
		t.Helper()
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		count, _, err := asked.Pending()
		if err != nil {
			t.Fatal(err)
		}
		return count
	}
	cfg := streamtest.Config()
	cfg.MaxBytes, cfg.MaxAge = 1<<20, time.Hour
	for range 3 {
		if err := stream.Apply(t.Context(), js, cfg); err != nil {
			t.Fatal(err)
		}
	}
	if got := updates(); got > 1 {
		t.Errorf("updated %d times, with nothing changed", got)
	}
	for n, change := range []func(){
		func() { cfg.MaxBytes = -1 }, func() { cfg.MaxAge = 0 }, func() { cfg.Discard = jetstream.DiscardOld },
		func() { cfg.DuplicateWindow = time.Hour }, func() { cfg.Subject = "another" },
	} {
		before := updates()
		change()
		if err := stream.Apply(t.Context(), js, cfg); err != nil {
			t.Fatal(err)
		}
		if got := updates(); got != before+1 {
			t.Errorf("change %d: updated %d times", n, got-before)
		}
	}
	before := updates()
	if err := stream.Reapply(t.Context(), js, cfg); err != nil || updates() != before+1 {
		t.Errorf("applied again: %v, updated %d times", err, updates()-before)
	}
}

func TestApplyKeepsTheEpochThatARestoreSet(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	streamtest.CreateStream(t, js, streamtest.Config())
	restored := info(t, js).Config
	restored.Metadata = map[string]string{stream.EpochKey: "restored"}
	if _, err := js.UpdateStream(t.Context(), restored); err != nil {
		t.Fatal(err)
	}
	if err := stream.Apply(t.Context(), js, streamtest.Config()); err != nil {
		t.Fatal(err)
	}
	if got := stream.Epoch(info(t, js)); got != "restored" {
		t.Errorf("epoch %q, want that of the restore", got)
	}
}

func TestANewEpochKeepsAllElse(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	cfg.MaxBytes, cfg.MaxAge, cfg.Discard = 1<<20, time.Hour, jetstream.DiscardOld
	streamtest.CreateStream(t, js, cfg)
	marked := info(t, js).Config
	marked.Metadata = map[string]string{"owner": "us"}
	if _, err := js.UpdateStream(t.Context(), marked); err != nil {
		t.Fatal(err)
	}
	before := info(t, js)
	seen := map[string]bool{stream.Epoch(before): true}
	for range 3 {
		epoch, err := stream.SetNewEpoch(t.Context(), js, "stream")
		if err != nil {
			t.Fatal(err)
		}
		after := info(t, js)
		if got := stream.Epoch(after); got != epoch || seen[epoch] {
			t.Errorf("epoch %q, said %q, seen before: %v", got, epoch, seen)
		}
		seen[epoch] = true
		delete(after.Config.Metadata, stream.EpochKey)
		if !reflect.DeepEqual(after.Config, before.Config) {
			t.Errorf("got %+v, want %+v", after.Config, before.Config)
		}
	}
	if _, err := stream.SetNewEpoch(t.Context(), js, "another"); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("no such stream: %v", err)
	}
}

func TestWindowLongerThanAgeIsRefused(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	cfg := streamtest.Config()
	cfg.MaxAge = time.Minute
	for _, prepare := range []func(context.Context, jetstream.JetStream, stream.Config) error{stream.Apply, stream.CreateIfAbsent} {
		if err := prepare(t.Context(), js, cfg); err == nil || !strings.Contains(err.Error(), "DuplicateWindow 10m0s: is longer than messages are kept, 1m0s") {
			t.Errorf("got %v", err)
		}
	}
}

func TestRequireRefusesAStreamOfOtherSubjects(t *testing.T) {
	tests := []struct {
		subjects []string
		fine     bool
	}{
		{[]string{"contact-person"}, true},
		{[]string{"other", "contact-person"}, true},
		{[]string{"*"}, true},
		{[]string{">"}, true},
		{[]string{"contact-person.>"}, false},
		{[]string{"contact-person.*"}, false},
		{[]string{"contact-person.new"}, false},
		{[]string{"other"}, false},
	}
	_, js := streamtest.Start(t).Connect()
	for _, test := range tests {
		t.Run(strings.Join(test.subjects, " "), func(t *testing.T) {
			// For a moment after the deletion the server may still hold the last one's files.
			streamtest.Eventually(t, "the stream is made", func() bool {
				_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "stream", Subjects: test.subjects, NoAck: test.subjects[0] == ">"})
				return err == nil
			})
			err := stream.Require(t.Context(), js, streamtest.Config())
			if (err == nil) != test.fine {
				t.Errorf("got %v, want fine: %v", err, test.fine)
			}
			if err := js.DeleteStream(t.Context(), "stream"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEpochIsTheIncarnation(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	epochs := map[string]bool{}
	for range 2 {
		streamtest.CreateStream(t, js, streamtest.Config())
		epochs[stream.Epoch(info(t, js))] = true
		if err := js.DeleteStream(t.Context(), "stream"); err != nil {
			t.Fatal(err)
		}
	}
	if len(epochs) != 2 {
		t.Errorf("a stream made anew has the same epoch: %v", epochs)
	}
	named := &jetstream.StreamInfo{Config: jetstream.StreamConfig{Metadata: map[string]string{stream.EpochKey: "after-restore"}}, Created: time.Now()}
	if got := stream.Epoch(named); got != "after-restore" {
		t.Errorf("epoch from metadata: got %q", got)
	}
}

func TestConnectKeepsTryingAndBuffersNothing(t *testing.T) {
	s := streamtest.Start(t)
	nc, _ := s.Connect()
	s.Stop()
	streamtest.Eventually(t, "the connection is lost", func() bool { return !nc.IsConnected() })
	if err := nc.Publish("contact-person", []byte("later")); err == nil {
		t.Error("publish while away: want an error, not a buffer")
	}
	s.Restart()
	streamtest.Eventually(t, "the connection is back", nc.IsConnected)
}

func TestConnectIsLetInAgainOnceItsCredentialsAre(t *testing.T) {
	var options *server.Options
	s := streamtest.Start(t, func(o *server.Options) {
		o.Username, o.Password = "rollcall", "first"
		options = o
	})
	address := strings.Replace(s.URL(), "nats://", "nats://rollcall:first@", 1)
	nc, err := stream.Connect(stream.Access{URL: address}, t.Name(), discard)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if !nc.IsConnected() {
		t.Fatal("not let in at first")
	}
	s.Stop()
	options.Password = "another"
	s.Restart()
	streamtest.Eventually(t, "it is refused", func() bool { return errors.Is(nc.LastError(), nats.ErrAuthorization) })
	time.Sleep(2 * time.Second) // several times: nats.go would give up at the second
	if nc.IsConnected() || nc.IsClosed() {
		t.Fatalf("connected: %v, closed: %v; want it to keep trying", nc.IsConnected(), nc.IsClosed())
	}
	s.Stop()
	options.Password = "first"
	s.Restart()
	streamtest.Eventually(t, "it is let in again", nc.IsConnected)
}

func TestConnectToNobodyIsNoErrorYet(t *testing.T) {
	nc, err := stream.Connect(stream.Access{URL: "nats://127.0.0.1:1"}, t.Name(), discard)
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
}

func info(t *testing.T, js jetstream.JetStream) *jetstream.StreamInfo {
	t.Helper()
	s, err := js.Stream(t.Context(), "stream")
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo()
}
