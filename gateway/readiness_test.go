package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/gateway"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// awaitReady waits until the gateway is ready, or says all of these.
func (f *fixture) awaitReady(says ...string) {
	f.t.Helper()
	streamtest.Eventually(f.t, fmt.Sprintf("it is ready, or says %q", says), func() bool {
		err := f.gateway.Ready()
		if err == nil || len(says) == 0 {
			return err == nil && len(says) == 0
		}
		for _, part := range says {
			if !strings.Contains(err.Error(), part) {
				return false
			}
		}
		return true
	})
}

// edit changes the stream's settings.
func (f *fixture) edit(change func(*jetstream.StreamConfig)) {
	f.t.Helper()
	cfg := f.info().Config
	change(&cfg)
	if _, err := f.js.UpdateStream(context.Background(), cfg); err != nil {
		f.t.Fatal(err)
	}
}

// TestSettingsThatBreakPromisesRefuse changes one at a time, and where JetStream allows
// it changes it back.
func TestSettingsThatBreakPromisesRefuse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		setting string
		change  func(*jetstream.StreamConfig)
		// back is nil for what can't be changed back.
		back   func(*jetstream.StreamConfig)
		wayOut string
	}{
		{"no_ack", func(c *jetstream.StreamConfig) { c.NoAck = true }, func(c *jetstream.StreamConfig) { c.NoAck = false }, "nats stream edit stream --ack"},
		{"retention", func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy }, func(c *jetstream.StreamConfig) { c.Retention = jetstream.LimitsPolicy }, "nats stream edit stream --retention=limits"},
		{"max_msg_size", func(c *jetstream.StreamConfig) { c.MaxMsgSize = 1000 }, func(c *jetstream.StreamConfig) { c.MaxMsgSize = -1 }, "nats stream edit stream --max-msg-size=-1"},
		{"subjects", func(c *jetstream.StreamConfig) { c.Subjects = []string{"another"} }, func(c *jetstream.StreamConfig) { c.Subjects = []string{streamtest.Subject} }, "nats stream edit stream --subjects"},
		{"discard_new_per_subject", func(c *jetstream.StreamConfig) { c.DiscardNewPerSubject, c.MaxMsgsPerSubject = true, 1 }, func(c *jetstream.StreamConfig) { c.DiscardNewPerSubject, c.MaxMsgsPerSubject = false, -1 }, "nats stream edit stream --no-discard-per-subject"},
		{"max_msgs_per_subject", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 }, func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = -1 }, "nats stream edit stream --max-msgs-per-subject"},
		{"sealed", func(c *jetstream.StreamConfig) { c.Sealed = true }, nil, "make another that is not sealed"},
	}
	for _, test := range tests {
		t.Run(test.setting, func(t *testing.T) {
			t.Parallel()
			var said streamtest.Log
			f := newFixtureWith(t, func(c *gateway.Config) { c.Logger = said.Logger() })
			f.awaitReady()
			f.mustSubmit(ada(), "before")
			f.edit(test.change)
			f.awaitReady(test.setting+": ", test.wayOut)
			for range 2 {
				f.requireRefused(connect.CodeFailedPrecondition, "STREAM_SETTINGS", test.setting+": ")
			}
			if _, err := f.submit(ada(), ""); detailsOf(t, err).setting != test.setting {
				t.Errorf("the setting is %q for programs", detailsOf(t, err).setting)
			}
			if got := strings.Count(said.String(), "setting="+test.setting+" "); got != 1 {
				t.Errorf("logged %d times:\n%s", got, said.String())
			}
			if test.back == nil {
				return
			}
			f.edit(test.back)
			f.awaitReady()
			f.mustSubmit(ada(), "after")
		})
	}
}

// requireRefused submits by each of the ways there are.
func (f *fixture) requireRefused(code connect.Code, reason, says string) {
	f.t.Helper()
	_, one := f.submit(ada(), "")
	_, together := f.submitAll(some(1, 2), true)
	for way, err := range map[string]error{"one": one, "all or nothing": together} {
		if connect.CodeOf(err) != code || detailsOf(f.t, err).reason != reason || !strings.Contains(err.Error(), says) {
			f.t.Errorf("%s: got %v (%s), want %s (%s) that says %q", way, err, detailsOf(f.t, err).reason, code, reason, says)
		}
	}
	response, err := f.client.SubmitPersons(context.Background(), &contactv1.SubmitPersonsRequest{Submissions: some(1, 2)})
	if err != nil {
		f.t.Errorf("each by itself: %v", err)
	}
	for _, result := range response.GetResults() {
		if failed := result.GetError(); failed.GetReason() != reason || failed.GetCode() != code.String() {
			f.t.Errorf("each by itself: got %v", failed)
		}
	}
}

// TestSettingThatWeakensAPromiseIsWarnedOf is ready all the same.
func TestSettingThatWeakensAPromiseIsWarnedOf(t *testing.T) {
	t.Parallel()
	var said streamtest.Log
	f := newFixtureWith(t, func(c *gateway.Config) { c.Logger = said.Logger() })
	f.edit(func(c *jetstream.StreamConfig) { c.Duplicates = 10 * time.Second })
	streamtest.Eventually(t, "it is warned of", func() bool {
		return strings.Contains(said.String(), "level=WARN msg=\"a setting of the stream weakens a promise\" stream=stream setting=duplicate_window")
	})
	f.awaitReady()
	f.mustSubmit(ada(), "")
}

func TestNotReadyWhileTheStreamIsFull(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*jetstream.StreamConfig){
		"bytes":                func(c *jetstream.StreamConfig) { c.MaxBytes = 4096 },
		"messages":             func(c *jetstream.StreamConfig) { c.MaxMsgs = 5 },
		"messages per subject": func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject, c.DiscardNewPerSubject = 5, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.edit(limit)
			f.awaitReady()
			f.fill().awaitReady("there is no room in stream \"stream\": max_")
			f.requireRefused(connect.CodeResourceExhausted, "STREAM_FULL", "the stream is full")
			s, err := f.js.Stream(context.Background(), streamtest.Name)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Purge(context.Background()); err != nil {
				t.Fatal(err)
			}
			f.awaitReady()
			f.mustSubmit(ada(), "")
		})
	}
	t.Run("one that forgets old persons is never full", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, func(c *stream.Config) { c.MaxBytes, c.Discard = 1024, jetstream.DiscardOld })
		for range 20 {
			f.mustSubmit(ada(), "")
		}
		time.Sleep(1100 * time.Millisecond) // it has looked since
		f.awaitReady()
	})
}

// TestNotReadyAfterARefusalThatLasts is of a server that has no room for any stream,
// which no stream's state tells.
func TestNotReadyAfterARefusalThatLasts(t *testing.T) {
	t.Parallel()
	f := newFixtureBeside(t, streamtest.Start(t, func(o *server.Options) { o.JetStreamMaxStore = 16 << 10 }), impatient)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.awaitReady()
	f.fill().awaitReady("insufficient resources")
	// Nothing comes to a gateway that is not ready, so it has to try again by itself.
	f.awaitReady()
	f.fill().awaitReady("insufficient resources")
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(context.Background()); err != nil {
		t.Fatal(err)
	}
	f.mustSubmit(ada(), "")
	f.awaitReady()
}

// answerAll has somebody answer what is published in JetStream's place.
func (f *fixture) answerAll(answer string) {
	f.t.Helper()
	if _, err := f.nc.Subscribe(streamtest.Subject, func(m *nats.Msg) { _ = m.Respond([]byte(answer)) }); err != nil {
		f.t.Fatal(err)
	}
	if err := f.nc.Flush(); err != nil {
		f.t.Fatal(err)
	}
}

// TestWhatKeepsPersonsFromBeingStoredIsLoggedOnce looks several times at a stream that
// is not there, and then is.
func TestWhatKeepsPersonsFromBeingStoredIsLoggedOnce(t *testing.T) {
	var said streamtest.Log
	f := newFixtureBeside(t, streamtest.Start(t), func(c *gateway.Config) { c.Logger = said.Logger() })
	looks, err := f.nc.SubscribeSync("$JS.API.STREAM.INFO." + streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	awaitLooks := func() {
		t.Helper()
		for range 4 {
			if _, err := looks.NextMsgWithContext(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	awaitLooks()
	streamtest.CreateStream(t, f.js, streamtest.Config())
	streamtest.Eventually(t, "it is ready", func() bool { return f.gateway.Ready() == nil })
	awaitLooks()
	for _, line := range []string{"submissions can't be stored", "submissions are stored again"} {
		if got := strings.Count(said.String(), line); got != 1 {
			t.Errorf("%q was logged %d times:\n%s", line, got, said.String())
		}
	}
}

func TestAnswersOfJetStreamAreSaidAsTheyAre(t *testing.T) {
	answer := func(status, code int, description string) string {
		return fmt.Sprintf(`{"stream":"stream","seq":0,"error":{"code":%d,"err_code":%d,"description":%q}}`, status, code, description)
	}
	tests := []struct {
		name, answer string
		code         connect.Code
		reason, says string
		retry        bool
	}{
		{"unknown, the server's", answer(500, 19999, "something new"), connect.CodeUnavailable, "JETSTREAM", "JetStream answered something new (JetStream's code 19999)", true},
		{"unknown, for now", answer(503, 10039, "JetStream not enabled for account"), connect.CodeUnavailable, "JETSTREAM", "10039", true},
		{"unknown, the request's", answer(400, 19998, "not so"), connect.CodeFailedPrecondition, "JETSTREAM", "not so", false},
		{"unknown, a conflict", answer(409, 19997, "at odds"), connect.CodeUnavailable, "JETSTREAM", "at odds", true},
		{"unknown, too many", answer(429, 19996, "too many"), connect.CodeUnavailable, "JETSTREAM", "too many", true},
		{"too many batches", answer(429, 10210, "atomic publish too many inflight"), connect.CodeResourceExhausted, "OVERLOADED", "under way", true},
		{"a batch that was given up", answer(400, 10176, "atomic publish batch is incomplete"), connect.CodeUnavailable, "JETSTREAM", "incomplete", true},
		{"a key in process", answer(409, 10158, "duplicate message id is in process"), connect.CodeUnavailable, "JETSTREAM", "idempotency_key", true},
		{"no answer that can be read", `?`, connect.CodeUnavailable, "JETSTREAM", "unknown whether", true},
		{"an empty answer", `{}`, connect.CodeUnavailable, "JETSTREAM", "unknown whether", true},
		{"a store that fails", answer(503, 10077, "write msgs/1.blk: input/output error"), connect.CodeUnavailable, "STORAGE", "the operator has to", true},
		{"a store that is closing", answer(503, 10077, "store is closed"), connect.CodeUnavailable, "JETSTREAM", "store is closed", true},
		{"full", answer(503, 10077, "maximum bytes exceeded"), connect.CodeResourceExhausted, "STREAM_FULL", "full", false},
		{"the account's limit", answer(400, 10002, "resource limits exceeded for account"), connect.CodeResourceExhausted, "STREAM_FULL", "resource limits", false},
		{"out of memory", answer(500, 10028, "insufficient memory resources available"), connect.CodeResourceExhausted, "STREAM_FULL", "insufficient memory", false},
		{"too large", answer(400, 10054, "message size exceeds maximum allowed"), connect.CodeInvalidArgument, "TOO_LARGE", "person: ", false},
		{"sealed", answer(400, 10109, "invalid operation on sealed stream"), connect.CodeFailedPrecondition, "STREAM_SETTINGS", "sealed", false},
		{"a counter", answer(400, 10169, "message counter increment is missing"), connect.CodeFailedPrecondition, "STREAM_SETTINGS", "allow_msg_counter", false},
		{"another stream", answer(400, 10060, "expected stream does not match"), connect.CodeFailedPrecondition, "STREAM_SETTINGS", "subject", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixtureWithoutStream(t)
			f.answerAll(test.answer)
			_, err := f.submit(ada(), "")
			d := detailsOf(t, err)
			if connect.CodeOf(err) != test.code || d.reason != test.reason || (d.retry > 0) != test.retry || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, %+v; want %s, %s, retry %v, that says %q", err, d, test.code, test.reason, test.retry, test.says)
			}
			if strings.Contains(err.Error(), "NATS is away") {
				t.Errorf("got %v, but NATS is not away", err)
			}
		})
	}
}

// TestReadyAtOnceWhenAStreamIsMade has persons refused until then.
func TestReadyAtOnceWhenAStreamIsMade(t *testing.T) {
	t.Parallel()
	f := newFixtureBeside(t, streamtest.Start(t), func(c *gateway.Config) { c.Timeout = time.Minute })
	f.awaitReady("does not exist")
	f.requireRefused(connect.CodeUnavailable, "NO_STREAM", "it does not exist")
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.awaitReady()
}

// TestNotReadyWhereNobodyAnswers has questions that are kept, and some that are answered
// by who does not lead.
func TestNotReadyWhereNobodyAnswers(t *testing.T) {
	t.Parallel()
	var said streamtest.Log
	f := newFixture(t)
	relay := streamtest.StartRelay(t, f.nc)
	g := gateway.New(stream.Open(relay.JetStream(f.nc), streamtest.Name), gateway.Config{
		Subject: streamtest.Subject, Timeout: time.Second, Calls: 1, Messages: 1, Logger: said.Logger(),
	})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { g.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	streamtest.Eventually(t, "it is ready", func() bool { return g.Ready() == nil })
	nobody := func() bool {
		err := g.Ready()
		return err != nil && strings.HasPrefix(err.Error(), `nobody answers for stream "stream"`)
	}
	relay.Change(func(info *jetstream.StreamInfo) { info.Cluster = &jetstream.ClusterInfo{} })
	streamtest.Eventually(t, "nobody leads", nobody)
	relay.Keep(streamtest.StreamInfo)
	relay.Asked(streamtest.StreamInfo, 5)
	relay.Change(nil)
	relay.Asked(streamtest.StreamInfo, 5)
	if !nobody() {
		t.Errorf("got %v", g.Ready())
	}
	relay.Pass()
	streamtest.Eventually(t, "it is ready again", func() bool { return g.Ready() == nil })
	if got := strings.Count(said.String(), "submissions can't be stored"); got != 1 {
		t.Errorf("said %d times:\n%s", got, said.String())
	}
}
