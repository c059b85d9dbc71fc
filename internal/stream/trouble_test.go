package stream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// replicated is a state of a stream of which nothing is wrong, as far as it says.
var replicated = &stream.State{Name: streamtest.Name, Replicas: 3}

func TestSilenceIsATroubleUntilItWasTriedAgain(t *testing.T) {
	f := newFixture(t, 16, 200*time.Millisecond)
	check := func() error { return f.publisher.Check(t.Context(), replicated, nil) }
	if err := check(); err != nil {
		t.Errorf("nothing was sent: %v", err)
	}
	silent := f.takeWithoutAnswer(t)
	if _, err := f.send(t, "", "payload").Wait(t.Context()); !errors.Is(err, stream.ErrExpired) {
		t.Fatalf("got %v", err)
	}
	isSilent := func() bool {
		err := check()
		return err != nil && strings.Contains(err.Error(), "acknowledges nothing")
	}
	streamtest.Eventually(t, "it is silent", isSilent)
	streamtest.Eventually(t, "it is forgotten", func() bool { return check() == nil })
	if !f.publisher.OnTrial() {
		t.Error("nothing was heard, but it is not on trial")
	}
	if _, err := f.send(t, "", "payload").Wait(t.Context()); err == nil {
		t.Fatal("it is stored")
	}
	streamtest.Eventually(t, "it is silent again", isSilent)
	if err := silent.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.store(t, "", "payload")
	if err := check(); err != nil || f.publisher.OnTrial() {
		t.Errorf("stored: %v, on trial: %v", err, f.publisher.OnTrial())
	}
}

func TestSilenceEndsWithAnAcknowledgement(t *testing.T) {
	f := newFixture(t, 16, 200*time.Millisecond)
	silent := f.takeWithoutAnswer(t)
	// Its sender did not wait for as long as it may take.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := f.send(t, "", "payload").Wait(ctx); err == nil {
		t.Fatal("it is stored")
	}
	streamtest.Eventually(t, "it is silent", func() bool { return f.publisher.Check(t.Context(), replicated, nil) != nil })
	if err := silent.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.store(t, "", "payload")
	if err := f.publisher.Check(t.Context(), replicated, nil); err != nil || f.publisher.OnTrial() {
		t.Errorf("got %v, on trial: %v", err, f.publisher.OnTrial())
	}
}

func TestSilenceEndsWithTheConnection(t *testing.T) {
	f := newFixture(t, 16, time.Second)
	f.takeWithoutAnswer(t)
	ctx, cancel := context.WithTimeout(t.Context(), 1200*time.Millisecond)
	defer cancel()
	if _, err := f.publisher.SendTogether(ctx, twoMessages()); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	if err := f.publisher.Check(t.Context(), replicated, nil); err == nil {
		t.Fatal("silent to a batch, and no trouble")
	}
	f.nats.Stop()
	streamtest.Eventually(t, "silence is forgotten", func() bool { return f.publisher.Check(t.Context(), replicated, nil) == nil })
	if f.publisher.OnTrial() {
		t.Error("it is forgotten for want of news, not for the connection")
	}
}

func twoMessages() []stream.Unsent {
	return []stream.Unsent{{Payload: []byte("1")}, {Payload: []byte("2")}}
}

func TestRefusalThatAnyMessageWouldGetIsATrouble(t *testing.T) {
	const own, everyones = `{"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum allowed"}}`, `{"error":{"code":503,"err_code":10023,"description":"insufficient resources"}}`
	f := newFixture(t, 16, 200*time.Millisecond)
	answers := make(chan string, 1)
	if _, err := f.nc.Subscribe(streamtest.Subject, func(m *nats.Msg) { _ = m.Respond([]byte(<-answers)) }); err != nil {
		t.Fatal(err)
	}
	send := func(answer string) {
		answers <- answer
		_, _ = f.send(t, "", "payload").Wait(t.Context())
	}
	check := func() error { return f.publisher.Check(t.Context(), replicated, nil) }
	for _, answer := range []string{own, "+OK"} {
		send(answer)
		if check() != nil {
			t.Errorf("answered %s: %v", answer, check())
		}
	}
	send(everyones)
	if !errors.Is(check(), stream.ErrFull) {
		t.Errorf("no resources: %v", check())
	}
	send(own)
	if !errors.Is(check(), stream.ErrFull) {
		t.Errorf("no resources, and then too large: %v", check())
	}
	send(`{"stream":"stream","seq":7}`)
	if check() != nil {
		t.Errorf("stored since: %v", check())
	}
	send(everyones)
	if !errors.Is(check(), stream.ErrFull) {
		t.Errorf("no resources: %v", check())
	}
	streamtest.Eventually(t, "it is forgotten", func() bool { return check() == nil })
}

// TestTroubleIsForgottenWithTheConnection has NATS come back another than it was.
func TestTroubleIsForgottenWithTheConnection(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	if _, err := f.nc.Subscribe(streamtest.Subject, func(m *nats.Msg) {
		_ = m.Respond([]byte(`{"error":{"code":503,"err_code":10023,"description":"insufficient resources"}}`))
	}); err != nil {
		t.Fatal(err)
	}
	check := func() error { return f.publisher.Check(t.Context(), replicated, nil) }
	if _, err := f.send(t, "", "payload").Wait(t.Context()); !errors.Is(err, stream.ErrFull) || !errors.Is(check(), stream.ErrFull) {
		t.Fatalf("refused: %v, and then %v", err, check())
	}
	f.nats.Stop()
	streamtest.Eventually(t, "it is forgotten", func() bool { return check() == nil })
}

// TestNobodyWhoTakesItIsATrouble is of a stream whose leader answers that it takes what
// nobody takes.
func TestNobodyWhoTakesItIsATrouble(t *testing.T) {
	f := newFixture(t, 16, 200*time.Millisecond)
	check := func() error { return f.publisher.Check(t.Context(), replicated, nil) }
	if _, err := f.send(t, "", "payload").Wait(t.Context()); !errors.Is(err, stream.ErrNoStream) {
		t.Fatalf("got %v", err)
	}
	if err := check(); !errors.Is(err, stream.ErrNoStream) {
		t.Errorf("got %v", err)
	}
	f.publisher.Forget()
	if check() != nil {
		t.Errorf("forgotten, and %v", check())
	}
}

// TestWhatIsUnderWayEndsWhereNothingCanBeStored ends it before its time: a message, and
// a batch that is to be committed.
func TestWhatIsUnderWayEndsWhereNothingCanBeStored(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	if _, err := f.nc.Subscribe(streamtest.Subject, func(m *nats.Msg) {
		if m.Header.Get("Nats-Batch-Sequence") == "1" {
			_ = m.Respond(nil)
		}
	}); err != nil {
		t.Fatal(err)
	}
	flight := f.send(t, "", "payload")
	ended := make(chan error, 2)
	go func() {
		_, err := flight.Wait(t.Context())
		ended <- err
	}()
	go func() {
		_, err := f.publisher.SendTogether(t.Context(), twoMessages())
		ended <- err
	}()
	for left := 2; left > 0; {
		if err := f.publisher.Check(t.Context(), replicated, stream.ErrStorage); !errors.Is(err, stream.ErrStorage) {
			t.Errorf("got %v", err)
		}
		select {
		case err := <-ended:
			left--
			if !errors.Is(err, stream.ErrStorage) {
				t.Errorf("it ended with %v", err)
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestWhatTheStoreSays answers in JetStream's place when the store is asked whether it
// can be written.
func TestWhatTheStoreSays(t *testing.T) {
	t.Parallel()
	says := func(code int, description string) string {
		return fmt.Sprintf(`{"error":{"code":500,"err_code":%d,"description":%q}}`, code, description)
	}
	state := &stream.State{Name: streamtest.Name, Replicas: 1}
	for name, test := range map[string]struct {
		answer string
		fails  bool
		// mute is of one that is not asked again.
		mute bool
	}{
		"an empty stream":   {says(10057, "stream store EOF"), false, false},
		"no such message":   {says(10057, "no message found"), false, false},
		"deleted":           {`{"success":true}`, false, false},
		"not permitted":     {says(10057, "message delete not permitted"), false, true},
		"sealed":            {says(10109, "invalid operation on sealed stream"), false, true},
		"nothing readable":  {"?", false, true},
		"a full disk":       {says(10057, "write 1.blk: no space left on device"), true, false},
		"a disk that fails": {says(10057, "write 1.blk: input/output error"), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc, _ := streamtest.Start(t).Connect()
			js, err := jetstream.NewWithAPIPrefix(nc, "ANOTHER.API")
			if err != nil {
				t.Fatal(err)
			}
			answer := make(chan string, 2)
			answer <- test.answer
			answer <- says(10057, "stream store EOF") // then it is mended
			for subject, respond := range map[string]func(*nats.Msg){
				"ANOTHER.API.STREAM.MSG.DELETE.stream": func(m *nats.Msg) { _ = m.Respond([]byte(<-answer)) },
				streamtest.Subject:                     func(*nats.Msg) {},
			} {
				if _, err := nc.Subscribe(subject, respond); err != nil {
					t.Fatal(err)
				}
			}
			p := stream.Open(js, streamtest.Name).NewPublisher(streamtest.Subject, 16, time.Second)
			if _, err := p.Send(t.Context(), "", []byte("payload")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(700 * time.Millisecond) // the store is asked when JetStream has said nothing for a while
			if err := p.Check(t.Context(), state, nil); errors.Is(err, stream.ErrStorage) != test.fails {
				t.Errorf("got %v, want that it fails: %v", err, test.fails)
			}
			time.Sleep(500 * time.Millisecond) // the silence alone is a trouble by now
			if err := p.Check(t.Context(), state, nil); (err == nil) != test.fails {
				t.Errorf("asked again: %v", err)
			}
			if again := len(answer) == 0; again == test.mute {
				t.Errorf("asked again: %v", again)
			}
		})
	}
}

// TestStoreThatCannotBeWrittenIsFound asks a store that works, and one whose disk is full.
func TestStoreThatCannotBeWrittenIsFound(t *testing.T) {
	disk := streamtest.NewDisk(t, 16<<10)
	f := newFixture(t, 16, time.Minute, func(o *server.Options) { o.StoreDir, o.JetStreamMaxStore = disk.Dir, 1<<30 })
	streamtest.CreateStream(t, f.js, streamtest.Config())
	check := func() error {
		state, err := f.stream.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return f.publisher.Check(t.Context(), state, nil)
	}
	f.store(t, "", "payload")
	if err := check(); err != nil {
		t.Fatal(err)
	}
	disk.Fill(0)
	failed := make(chan error, 1)
	go func() {
		for {
			if _, err := f.send(t, "", strings.Repeat("x", 1000)).Wait(t.Context()); err != nil {
				failed <- err
				return
			}
		}
	}()
	streamtest.Eventually(t, "the store is found to fail", func() bool { return errors.Is(check(), stream.ErrStorage) })
	if err := <-failed; !errors.Is(err, stream.ErrStorage) || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("what was under way: %v", err)
	}
	disk.MakeRoom()
	if err := check(); !errors.Is(err, stream.ErrStorage) {
		t.Errorf("with room again, and JetStream as it was: %v", err)
	}
	f.nats.Stop()
	f.nats.Restart()
	streamtest.Eventually(t, "the stream is back", func() bool {
		_, err := f.stream.State(t.Context())
		return err == nil
	})
	if err := check(); err != nil {
		t.Errorf("started anew: %v", err)
	}
	f.store(t, "", "payload")
}

// TestStoreIsAskedWhileJetStreamIsSilent gives the answers of a store one after another.
func TestStoreIsAskedWhileJetStreamIsSilent(t *testing.T) {
	t.Parallel()
	const failed = `{"error":{"code":500,"err_code":10057,"description":"no space left on device"}}`
	tests := []struct {
		name, answer string
		fails        bool
	}{
		{"it has no such message", `{"error":{"code":500,"err_code":10057,"description":"no message found"}}`, false},
		{"it is empty", `{"error":{"code":500,"err_code":10057,"description":"stream store EOF"}}`, false},
		{"it was deleted", `{"success":true}`, false},
		{"deleting is not permitted", `{"error":{"code":500,"err_code":10057,"description":"message delete not permitted"}}`, false},
		{"the stream is sealed", `{"error":{"code":400,"err_code":10109,"description":"invalid operation on sealed stream"}}`, false},
		{"no JSON", `+OK`, false},
		{"the disk is full", failed, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 16, time.Minute, func(o *server.Options) { o.JetStream = false })
			f.takeWithoutAnswer(t)
			answers := make(chan string, 1)
			if _, err := f.nc.Subscribe("$JS.API.STREAM.MSG.DELETE."+streamtest.Name, func(m *nats.Msg) { _ = m.Respond([]byte(<-answers)) }); err != nil {
				t.Fatal(err)
			}
			check := func() error {
				return f.publisher.Check(t.Context(), &stream.State{Name: streamtest.Name, Replicas: 1}, nil)
			}
			f.send(t, "", "payload")
			answers <- test.answer
			var err error
			streamtest.Eventually(t, "it is asked", func() bool {
				err = check()
				return len(answers) == 0
			})
			if errors.Is(err, stream.ErrStorage) != test.fails {
				t.Errorf("got %v", err)
			}
			if !test.fails {
				return
			}
			// Until the store says that it can be written it can't.
			answers <- "+OK"
			if err := check(); !errors.Is(err, stream.ErrStorage) {
				t.Errorf("with an answer that says nothing: %v", err)
			}
			answers <- `{"error":{"code":500,"err_code":10057,"description":"no message found"}}`
			if err := check(); err != nil {
				t.Errorf("with a store that works: %v", err)
			}
		})
	}
}
