package stream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// fixture is a NATS server, and a publisher to a stream of it.
type fixture struct {
	nats      *streamtest.Server
	nc        *nats.Conn
	js        jetstream.JetStream
	stream    *stream.Stream
	publisher *stream.Publisher
}

// newFixture has a publisher with so many places and so much time, and no stream yet.
func newFixture(t *testing.T, places int, timeout time.Duration, change ...func(*server.Options)) *fixture {
	t.Helper()
	f := &fixture{nats: streamtest.Start(t, change...)}
	f.nc, f.js = f.nats.Connect()
	f.stream = stream.Open(f.js, streamtest.Name)
	f.publisher = f.stream.NewPublisher(streamtest.Subject, places, timeout)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { f.publisher.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return f
}

func (f *fixture) send(t *testing.T, key, payload string) *stream.Flight {
	t.Helper()
	flight, err := f.publisher.Send(t.Context(), key, []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return flight
}

// store publishes and returns where it is stored.
func (f *fixture) store(t *testing.T, key, payload string) stream.Ack {
	t.Helper()
	ack, err := f.send(t, key, payload).Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return ack
}

// takeWithoutAnswer has somebody take what is published, and never acknowledge it.
func (f *fixture) takeWithoutAnswer(t *testing.T) *nats.Subscription {
	t.Helper()
	silent, err := f.nc.SubscribeSync(streamtest.Subject)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return silent
}

func TestFlightsLandInTheOrderSent(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.store(t, "", "the acknowledgements are listened to")
	listening := f.nc.NumSubscriptions()
	var landed sync.WaitGroup
	for n := range uint64(100) {
		flight := f.send(t, "", "payload")
		landed.Go(func() {
			if ack, err := flight.Wait(t.Context()); err != nil || ack.Sequence != n+2 || ack.Duplicate {
				t.Errorf("message %d: got %+v, %v", n+2, ack, err)
			}
		})
	}
	landed.Wait()
	if got := f.nc.NumSubscriptions(); got != listening {
		t.Errorf("%d subscriptions after 100 more messages, %d before", got, listening)
	}
}

func TestKeyStoresOneMessage(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.store(t, "", "before")
	if ack := f.store(t, "key", "first"); ack.Sequence != 2 || ack.Duplicate {
		t.Errorf("first: got %+v", ack)
	}
	if ack := f.store(t, "key", "second"); ack.Sequence != 2 || !ack.Duplicate {
		t.Errorf("again: got %+v, want the place of the first", ack)
	}
	if ack, err := f.publisher.LookUp(t.Context(), "key"); err != nil || ack == nil || ack.Sequence != 2 {
		t.Errorf("looked up: got %+v, %v", ack, err)
	}
	if ack, err := f.publisher.LookUp(t.Context(), "unknown"); err != nil || ack != nil {
		t.Errorf("looked up what is unknown: got %+v, %v", ack, err)
	}
	if state, err := f.stream.State(t.Context()); err != nil || state.Messages != 2 {
		t.Errorf("the stream holds %+v, %v; want 2 messages", state, err)
	}
	sealed := info(t, f.js).Config
	sealed.Sealed = true
	if _, err := f.js.UpdateStream(t.Context(), sealed); err != nil {
		t.Fatal(err)
	}
	if ack, err := f.publisher.LookUp(t.Context(), "unknown"); !errors.Is(err, stream.ErrSealed) {
		t.Errorf("a stream that tells nothing of its keys: got %+v, %v", ack, err)
	}
}

// TestPlacesAreBounded fills the places with messages that nobody acknowledges: one
// more waits until its sender has no more time.
func TestPlacesAreBounded(t *testing.T) {
	const places = 3
	f := newFixture(t, places, time.Minute)
	f.takeWithoutAnswer(t)
	flights := make([]*stream.Flight, places)
	for i := range flights {
		flights[i] = f.send(t, "", "payload")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.publisher.Send(ctx, "", []byte("one more")); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v; want it to wait for a place", err)
	}
	over, leave := context.WithCancel(t.Context())
	leave()
	if _, err := flights[0].Wait(over); !errors.Is(err, context.Canceled) {
		t.Errorf("a flight that is left: got %v", err)
	}
	flight := f.send(t, "", "in the place that was left")
	for _, flight := range append(flights[1:], flight) {
		if _, err := flight.Wait(over); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestNothingIsSentWhenItsTimeIsOver(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	over, leave := context.WithCancel(t.Context())
	leave()
	for range 20 {
		if _, err := f.publisher.Send(over, "", []byte("late")); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	if state, err := f.stream.State(t.Context()); err != nil || state.Messages != 0 {
		t.Errorf("got %+v, %v; want no message", state, err)
	}
}

func TestFlightWithoutAnswerExpires(t *testing.T) {
	f := newFixture(t, 1, 100*time.Millisecond)
	f.takeWithoutAnswer(t)
	for range 3 { // the place is given back each time
		if _, err := f.send(t, "", "payload").Wait(t.Context()); !errors.Is(err, stream.ErrExpired) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want expired", err)
		}
	}
}

func TestFlightsOfABrokenConnectionAreUnacknowledged(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	f.takeWithoutAnswer(t)
	flight := f.send(t, "", "payload")
	f.nats.Stop()
	if _, err := flight.Wait(t.Context()); !errors.Is(err, stream.ErrUnacknowledged) {
		t.Errorf("got %v, want unacknowledged", err)
	}
	streamtest.Eventually(t, "NATS is seen to be away", func() bool { return !f.stream.Connected() })
	if _, err := f.publisher.Send(t.Context(), "", []byte("later")); !errors.Is(err, stream.ErrAway) {
		t.Errorf("while away: got %v", err)
	}
}

func TestLateAcknowledgementDoesNotMeetTheNextFlight(t *testing.T) {
	f := newFixture(t, 1, time.Minute)
	taken, err := f.nc.SubscribeSync(streamtest.Subject)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	over, leave := context.WithCancel(t.Context())
	leave()
	first := f.send(t, "", "first")
	if _, err := first.Wait(over); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	second := f.send(t, "", "second")
	for sequence := range 2 {
		msg, err := taken.NextMsg(time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if err := msg.Respond(fmt.Appendf(nil, `{"stream":"stream","seq":%d}`, sequence+1)); err != nil {
			t.Fatal(err)
		}
	}
	if ack, err := second.Wait(t.Context()); err != nil || ack.Sequence != 2 {
		t.Errorf("got %+v, %v; want the acknowledgement of the second", ack, err)
	}
}

// TestAnswerForNoPlaceIsPassedOver has somebody else write where acknowledgements come.
func TestAnswerForNoPlaceIsPassedOver(t *testing.T) {
	f := newFixture(t, 1, time.Minute)
	taken, err := f.nc.SubscribeSync(streamtest.Subject)
	if err != nil {
		t.Fatal(err)
	}
	flight := f.send(t, "", "payload")
	msg, err := taken.NextMsg(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	inbox := msg.Reply[:strings.LastIndexByte(msg.Reply, '.')+1]
	for _, place := range []string{"x", "-", "0-", "-1", "1-1", "zzzzzzz-1", "0-2", "0-!"} {
		if err := f.nc.Publish(inbox+place, []byte(`{"stream":"stream","seq":1}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := msg.Respond([]byte(`{"stream":"stream","seq":7}`)); err != nil {
		t.Fatal(err)
	}
	if ack, err := flight.Wait(t.Context()); err != nil || ack.Sequence != 7 {
		t.Errorf("got %+v, %v; want its own acknowledgement", ack, err)
	}
}

func TestWhatJetStreamAnswersIsExplained(t *testing.T) {
	tests := []struct {
		name   string
		change func(*jetstream.StreamConfig)
		want   error
	}{
		{"full by bytes", func(c *jetstream.StreamConfig) { c.MaxBytes = 1 }, stream.ErrFull},
		{"full by messages", func(c *jetstream.StreamConfig) { c.MaxMsgs = 1 }, stream.ErrFull},
		{"too large for the stream", func(c *jetstream.StreamConfig) { c.MaxMsgSize = 10 }, stream.ErrTooLarge},
		{"sealed", func(c *jetstream.StreamConfig) { c.Sealed = true }, stream.ErrSealed},
		{"other subjects", func(c *jetstream.StreamConfig) { c.Subjects = []string{"other"} }, stream.ErrNoStream},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t, 1, time.Minute)
			cfg := jetstream.StreamConfig{Name: streamtest.Name, Subjects: []string{streamtest.Subject}, Discard: jetstream.DiscardNew, MaxBytes: -1}
			if _, err := f.js.CreateStream(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			f.store(t, "", "payload")
			test.change(&cfg)
			if _, err := f.js.UpdateStream(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			_, err := f.send(t, "", strings.Repeat("large", 100)).Wait(t.Context())
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	t.Run("no stream", func(t *testing.T) {
		f := newFixture(t, 1, time.Minute)
		if _, err := f.send(t, "", "payload").Wait(t.Context()); !errors.Is(err, stream.ErrNoStream) {
			t.Errorf("got %v", err)
		}
		if _, err := f.stream.State(t.Context()); !errors.Is(err, stream.ErrNoStream) {
			t.Errorf("state: got %v", err)
		}
		if _, err := f.publisher.SendTogether(t.Context(), []stream.Unsent{{}, {}}); !errors.Is(err, stream.ErrNoStream) {
			t.Errorf("a batch: got %v", err)
		}
		if err := f.stream.FindKeys(t.Context(), "epoch", 0, nil); !errors.Is(err, stream.ErrNoStream) {
			t.Errorf("search: got %v", err)
		}
		if _, err := f.stream.OpenReader(t.Context(), "epoch", 1, 1); !errors.Is(err, stream.ErrNoStream) {
			t.Errorf("read: got %v", err)
		}
	})
	t.Run("another stream takes the subject", func(t *testing.T) {
		f := newFixture(t, 1, time.Minute)
		if _, err := f.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "another", Subjects: []string{streamtest.Subject}}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.send(t, "", "payload").Wait(t.Context()); !errors.Is(err, stream.ErrOtherStream) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("larger than NATS carries", func(t *testing.T) {
		f := newFixture(t, 1, time.Minute)
		if _, err := f.publisher.Send(t.Context(), "", make([]byte, f.nc.MaxPayload()+1)); !errors.Is(err, stream.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
		f.takeWithoutAnswer(t)
		over, leave := context.WithCancel(t.Context())
		leave()
		if _, err := f.send(t, "", "the place was given back").Wait(over); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBatchIsStoredTogetherOrNotAtAll(t *testing.T) {
	f := newFixture(t, 1, time.Minute)
	cfg := streamtest.Config()
	streamtest.CreateStream(t, f.js, cfg)
	if ack, err := f.publisher.SendTogether(t.Context(), []stream.Unsent{{Key: "a"}, {Key: "b"}, {}}); err != nil || ack.Sequence != 3 {
		t.Fatalf("got %+v, %v", ack, err)
	}
	if _, err := f.publisher.SendTogether(t.Context(), []stream.Unsent{{Key: "c"}, {Key: "b"}}); !errors.Is(err, stream.ErrKnownKey) {
		t.Errorf("with a known key: got %v", err)
	}
	if state, err := f.stream.State(t.Context()); err != nil || state.Messages != 3 {
		t.Errorf("got %+v, %v; want 3 messages", state, err)
	}
	if err := f.js.DeleteStream(t.Context(), streamtest.Name); err != nil {
		t.Fatal(err)
	}
	streamtest.Eventually(t, "a stream without batches is made", func() bool {
		_, err := f.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: streamtest.Name, Subjects: []string{streamtest.Subject}})
		return err == nil
	})
	if _, err := f.publisher.SendTogether(t.Context(), []stream.Unsent{{}, {}}); !errors.Is(err, stream.ErrNoBatches) {
		t.Errorf("where there are no batches: got %v", err)
	}
}

// TestEpochIsThatOfTheSequence makes the stream anew and has others publish past the
// sequences that were acknowledged before.
func TestEpochIsThatOfTheSequence(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	remake := func(others int) (epoch string) {
		t.Helper()
		if err := f.js.DeleteStream(t.Context(), streamtest.Name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			t.Fatal(err)
		}
		streamtest.CreateStream(t, f.js, streamtest.Config())
		for range others {
			if _, err := f.js.Publish(t.Context(), streamtest.Subject, []byte("another's")); err != nil {
				t.Fatal(err)
			}
		}
		return stream.Epoch(info(t, f.js))
	}
	expect := func(ack stream.Ack, epoch string, sure bool) {
		t.Helper()
		got, isSure, err := f.stream.EpochOf(t.Context(), ack)
		if err != nil || got != epoch || isSure != sure {
			t.Errorf("sequence %d: got %s, sure: %v, %v; want %s, %v", ack.Sequence, got, isSure, err, epoch, sure)
		}
	}
	first := remake(0)
	expect(f.store(t, "", "ours"), first, false) // nothing was known when it was sent
	expect(f.store(t, "", "ours"), first, true)
	second := remake(10)
	ack := f.store(t, "", "ours")
	if ack.Sequence != 11 {
		t.Fatalf("stored at %d", ack.Sequence)
	}
	expect(ack, second, false)
	expect(f.store(t, "", "ours"), second, true)
	// It was acknowledged by the one before, and asked about when there is another.
	late := f.store(t, "", "ours")
	expect(late, remake(0), false)
}

// TestFarSequenceNeedsNoQuestion has a sequence that no stream could have come to since
// the state was known.
func TestFarSequenceNeedsNoQuestion(t *testing.T) {
	f := newFixture(t, 1, time.Minute)
	cfg := jetstream.StreamConfig{Name: streamtest.Name, Subjects: []string{streamtest.Subject}, FirstSeq: 1 << 40}
	if _, err := f.js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	state, err := f.stream.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ack := f.store(t, "", "ours")
	f.nats.Stop() // nobody can be asked
	if got, sure, err := f.stream.EpochOf(t.Context(), ack); err != nil || !sure || got != state.Epoch {
		t.Errorf("got %s, sure: %v, %v", got, sure, err)
	}
}

func TestKeysAreFoundAfterAPosition(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	for n := 1; n <= 5; n++ {
		f.store(t, fmt.Sprint(n), "payload")
	}
	epoch := stream.Epoch(info(t, f.js))
	keys := map[string]uint64{"1": 0, "3": 0, "5": 0, "7": 0}
	if err := f.stream.FindKeys(t.Context(), epoch, 1, keys); err != nil {
		t.Fatal(err)
	}
	if keys["1"] != 0 || keys["3"] != 3 || keys["5"] != 5 || keys["7"] != 0 || len(keys) != 4 {
		t.Errorf("got %v", keys)
	}
	s, err := f.js.Stream(t.Context(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMsg(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	for want, after := range map[string]struct {
		epoch    string
		sequence uint64
	}{
		"the stream is another one":         {"another", 1},
		"the stream ends at sequence 5":     {epoch, 6},
		"the stream has lost sequence 3 si": {epoch, 1},
	} {
		err := f.stream.FindKeys(t.Context(), after.epoch, after.sequence, keys)
		if unsearchable := new(stream.UnsearchableError); !errors.As(err, &unsearchable) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := s.Purge(t.Context(), jetstream.WithPurgeSequence(5)); err != nil {
		t.Fatal(err)
	}
	err = f.stream.FindKeys(t.Context(), epoch, 1, keys)
	if unsearchable := new(stream.UnsearchableError); !errors.As(err, &unsearchable) || !strings.Contains(err.Error(), "keeps nothing before sequence 5") {
		t.Errorf("not retained: got %v", err)
	}
	for _, after := range []uint64{4, 5} {
		if err := f.stream.FindKeys(t.Context(), epoch, after, keys); err != nil {
			t.Errorf("nothing is missing after %d: %v", after, err)
		}
	}
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.stream.FindKeys(t.Context(), epoch, 5, keys); err != nil {
		t.Errorf("from the end of a stream that is empty: %v", err)
	}
}

func TestReaderIsOfOneEpoch(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.store(t, "", "one")
	f.store(t, "", "two")
	epoch := stream.Epoch(info(t, f.js))
	if _, err := f.stream.OpenReader(t.Context(), "another", 1, 10); !errors.Is(err, stream.ErrOtherEpoch) {
		t.Errorf("another epoch: got %v", err)
	}
	if got := info(t, f.js).State.Consumers; got != 0 {
		t.Errorf("%d consumers are left of what could not be read", got)
	}
	reader, err := f.stream.OpenReader(t.Context(), epoch, 2, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close(t.Context())
	m, left, err := reader.Next(t.Context())
	if err != nil || m.Sequence != 2 || string(m.Payload) != "two" || left != 0 || m.PublishedAt.IsZero() || reader.Pending() != 1 {
		t.Errorf("got %+v, %d left, %d pending, %v", m, left, reader.Pending(), err)
	}
}

// TestReaderMissesNothing has somebody take messages on their way to a reader.
func TestReaderMissesNothing(t *testing.T) {
	f := newFixture(t, 16, time.Minute)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	reader, err := f.stream.OpenReader(t.Context(), stream.Epoch(info(t, f.js)), 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close(t.Context())
	s, err := f.js.Stream(t.Context(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	another := f.nc.NewInbox()
	if _, err := f.nc.SubscribeSync(another); err != nil {
		t.Fatal(err)
	}
	for consumer := range s.ConsumerNames(t.Context()).Name() {
		if err := f.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+streamtest.Name+"."+consumer, another, []byte("10")); err != nil {
			t.Fatal(err)
		}
	}
	for range 30 {
		f.store(t, "", "payload")
	}
	for want := uint64(1); ; want++ {
		m, _, err := reader.Next(t.Context())
		if errors.Is(err, stream.ErrLost) {
			return
		}
		if err != nil || m.Sequence != want {
			t.Fatalf("got sequence %d, %v, want %d or that it is lost", m.Sequence, err, want)
		}
	}
}
