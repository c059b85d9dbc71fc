package subscriber_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// relayed has replicas ask JetStream through a relay.
func (f *fixture) relayed() *streamtest.Relay {
	f.t.Helper()
	f.relay = streamtest.StartRelay(f.t, f.nc)
	return f.relay
}

// heardAgain bounds how soon a reader that hears nothing is noticed and another hears.
// About two seconds are wanted; two missed heartbeats are ten.
const heardAgain = 6 * time.Second

// TestReaderThatHearsNothingIsNoticed has the source's reader hear nothing any more, as
// when the node dies that reads for it. It is noticed by its silence alone.
func TestReaderThatHearsNothingIsNoticed(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	relay := f.relayed()
	w := f.replica().watch(all())
	w.expect("progress 0 of 1 SOURCE_CONNECTED", "event 1")
	relay.Keep(streamtest.ConsumerNext)
	relay.Settle()
	begun := time.Now()
	f.publish(2)
	time.AfterFunc(time.Second, relay.Pass) // readers that are opened later hear
	w.expect("progress 1 of 2 SOURCE_DISCONNECTED", "progress 1 of 2 SOURCE_CONNECTED", "event 2")
	if took := time.Since(begun); took > heardAgain {
		t.Errorf("the event came after %s", took)
	}
}

// TestReplayThatHearsNothingIsNoticed has the first reader of a replay hear nothing.
func TestReplayThatHearsNothingIsNoticed(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2)
	relay := f.relayed()
	r := f.replica(func(c *subscriber.Config) { c.RingBytes = 1 })
	relay.Keep(streamtest.ConsumerNext)
	relay.Settle()
	begun := time.Now()
	w := r.watch(all())
	w.expect("progress 0 of 2 SOURCE_CONNECTED")
	relay.Asked(streamtest.ConsumerNext, 1)
	relay.Pass()
	w.expect("event 1", "event 2")
	if took := time.Since(begun); took > heardAgain {
		t.Errorf("the events came after %s", took)
	}
}

// TestDisconnectedIsSaidAtOnce ends a reader while JetStream answers nothing.
func TestDisconnectedIsSaidAtOnce(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	relay := f.relayed()
	w := f.replica().watch(all())
	w.expect("progress 0 of 1 SOURCE_CONNECTED", "event 1")
	relay.Keep(streamtest.ConsumerDelete, streamtest.StreamInfo)
	begun := time.Now()
	for consumer := range f.stream().ConsumerNames(context.Background()).Name() {
		if err := f.stream().DeleteConsumer(context.Background(), consumer); err != nil {
			t.Fatal(err)
		}
	}
	w.expect("progress 1 of 1 SOURCE_DISCONNECTED")
	if took := time.Since(begun); took > time.Second {
		t.Errorf("it was said after %s", took)
	}
}

// TestStreamThatIsBehindForAMoment has the leader say less than what was read, as a new
// one does or one whose replica is quicker.
func TestStreamThatIsBehindForAMoment(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	relay, log := f.relayed(), &streamtest.Log{}
	r := f.replica(func(c *subscriber.Config) { c.Logger = log.Logger() })
	w := r.watch(all())
	w.expect("progress 0 of 3 SOURCE_CONNECTED", "event 1", "event 2", "event 3")
	relay.Change(func(info *jetstream.StreamInfo) { info.State.LastSeq, info.State.Msgs = 2, 2 })
	relay.Asked(streamtest.StreamInfo, 2)
	f.publish(4)
	w.expect("event 4")
	relay.Asked(streamtest.StreamInfo, 1)
	relay.Change(nil)
	relay.Asked(streamtest.StreamInfo, 2)
	f.publish(5)
	w.expect("event 5")
	if lines := strings.Count(log.String(), "\n"); lines != 1 {
		t.Errorf("logged, beside the start:\n%s", log)
	}
}

// TestReplicaBehindRefusesNothing asks for what follows a person that was acknowledged,
// while a new leader has not applied it.
func TestReplicaBehindRefusesNothing(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2)
	relay := f.relayed()
	r := f.replica()
	tests := []struct {
		name   string
		change func(*jetstream.StreamInfo)
	}{
		{"a new leader", func(info *jetstream.StreamInfo) { info.Config.Replicas = 3 }},
		{"a replica of a stream without a leader", func(info *jetstream.StreamInfo) {
			info.Config.Replicas, info.Cluster = 3, &jetstream.ClusterInfo{Name: "cluster"}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stored := f.stream().CachedInfo().State.LastSeq
			relay.Keep(streamtest.ConsumerNext) // so that it must ask
			relay.Settle()
			relay.Change(func(info *jetstream.StreamInfo) {
				info.State.LastSeq = min(info.State.LastSeq, stored)
				test.change(info)
			})
			f.publish(3)
			time.AfterFunc(subscriber.RefusalPatience/2, func() {
				relay.Change(nil)
				relay.Pass()
			})
			w := r.in(t).watch(after(f.epoch(), stored+1))
			if p := w.next().Progress; p.GetPosition().GetSequence() != stored+1 {
				t.Errorf("got %v, want its position", p)
			}
			f.publish(4)
			if i := w.skipProgress(); i.Event.GetSequence() != stored+2 {
				t.Errorf("got %s, want event %d", i, stored+2)
			}
		})
	}
}

func TestWhyTheSourceCannotBeRead(t *testing.T) {
	named := func(cfg jetstream.StreamConfig) jetstream.StreamConfig {
		cfg.Name = "watched"
		return cfg
	}
	tests := []struct {
		name   string
		stream *jetstream.StreamConfig // what is there to watch
		reason string
	}{
		{"no such stream", nil, `there is no stream "watched"`},
		{"a work queue", &jetstream.StreamConfig{Subjects: []string{"work"}, Retention: jetstream.WorkQueuePolicy}, `stream "watched" can't be watched: retention: workqueue, so JetStream gives each person to one reader and forgets it, and none can be watched`},
		{"forgotten once read", &jetstream.StreamConfig{Subjects: []string{"read"}, Retention: jetstream.InterestPolicy}, `stream "watched" can't be watched: retention: interest, so JetStream forgets what it has acknowledged as soon as nobody waits for it`},
		{"sources", &jetstream.StreamConfig{Sources: []*jetstream.StreamSource{{Name: streamtest.Name}}}, `stream "watched" can't be watched: sources: it is filled from stream and numbers what it has by itself, so positions in these mean other persons in it`},
		{"a mirror without an epoch", &jetstream.StreamConfig{Mirror: &jetstream.StreamSource{Name: streamtest.Name}}, `stream "watched" can't be watched: mirror: it mirrors a stream and does not say which epoch of it`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.read = "watched"
			if test.stream != nil {
				if _, err := f.js.CreateStream(t.Context(), named(*test.stream)); err != nil {
					t.Fatal(err)
				}
			}
			log := &streamtest.Log{}
			r := f.unready(func(c *subscriber.Config) { c.Logger = log.Logger() })
			w := r.watch(all())
			w.expectReason(test.reason)
			if r.sub.Ready() == nil {
				t.Error("ready")
			}
			if test.stream != nil {
				if err := f.js.DeleteStream(t.Context(), "watched"); err != nil {
					t.Fatal(err)
				}
				w.expectReason(`there is no stream "watched"`)
			}
			streamtest.Eventually(t, "it is logged", func() bool { return strings.Contains(log.String(), `there is no stream`) })
			cfg := streamtest.Config()
			cfg.Name, cfg.Subject = "watched", "watched"
			streamtest.CreateStream(t, f.js, cfg)
			for p := w.next().Progress; p.GetSource() != contactv1.Source_SOURCE_CONNECTED; p = w.next().Progress {
			}
			want := []string{"the stream is not read; trying again until it is", "reading the stream"}
			if test.stream != nil {
				want = append([]string{"a setting of the stream breaks a promise"}, want...)
			}
			streamtest.Eventually(t, "it is logged", func() bool { return len(log.Messages()) >= len(want) })
			if got := log.Messages(); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("logged %q, want %q:\n%s", got, want, log)
			}
		})
	}
}

// expectReason waits for a progress that says why the source is disconnected.
func (w *watcher) expectReason(reason string) {
	w.t.Helper()
	for {
		p := w.next().Progress
		if p.GetSource() != contactv1.Source_SOURCE_DISCONNECTED || p.GetReason() == "" {
			w.t.Fatalf("got %v, want a reason", p)
		}
		if p.GetReason() == reason {
			return
		}
	}
}

func TestNotPermitted(t *testing.T) {
	f := newFixture(t)
	f.nats = streamtest.Start(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "nobody", Password: "x", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Deny: []string{"$JS.API.>"}},
		}}}
		o.NoAuthUser = "nobody"
	})
	f.unready().watch(all()).expectReason(`this server is not permitted to read stream "stream"`)
}

func TestReasonWhileNATSIsAway(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	w := f.replica().watch(all())
	w.expect("progress 0 of 1 SOURCE_CONNECTED", "event 1")
	f.nats.Stop()
	w.expectReason("NATS, which has the stream, is away")
	f.unready().watch(all()).expectReason("NATS, which has the stream, is away")
	f.nats.Restart()
	for {
		if p := w.next().Progress; p.GetSource() == contactv1.Source_SOURCE_CONNECTED {
			if p.GetReason() != "" {
				t.Errorf("got the reason %q while connected", p.GetReason())
			}
			return
		}
	}
}

// TestLogTellsTheStory loses the stream and has it back, and NATS as well.
func TestLogTellsTheStory(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	log := &streamtest.Log{}
	nc, err := stream.Connect(stream.Access{URL: f.nats.URL()}, t.Name(), log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	relay := streamtest.StartRelay(t, f.nc)
	sub := f.replicaOf(stream.Open(relay.JetStream(js.Conn()), streamtest.Name), config(func(c *subscriber.Config) { c.Logger = log.Logger() }))
	streamtest.Eventually(t, "the subscriber is ready", func() bool { return sub.sub.Ready() == nil })
	w := sub.watch(all())
	w.expect("progress 0 of 1 SOURCE_CONNECTED", "event 1")

	relay.Keep(streamtest.StreamInfo)
	w.expect("progress 1 of 1 SOURCE_DISCONNECTED")
	relay.Asked(streamtest.StreamInfo, 5) // it has tried several times over
	relay.Pass()
	w.expect("progress 1 of 1 SOURCE_CONNECTED")
	f.nats.Stop()
	w.expect("progress 1 of 1 SOURCE_DISCONNECTED")
	f.nats.Restart()
	w.expect("progress 1 of 1 SOURCE_CONNECTED")
	f.publish(2)
	w.expect("event 2")

	want := []string{
		"reading the stream", "the stream is not read; trying again until it is", "the stream is read again",
		"NATS is away; trying again until it is back", "NATS is back",
	}
	if got := log.Messages(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("logged %q, want %q:\n%s", got, want, log)
	}
}

// TestReadingGoesOnWithoutReaders has JetStream open no readers, as a cluster does that
// elects its own leader while the stream has one.
func TestReadingGoesOnWithoutReaders(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 50)...)
	f.delete(20, 21)
	relay := f.relayed()
	r := f.replica(tiny)
	w := r.watch(&contactv1.WatchPersonsRequest{})
	w.expect("progress 50 of 50 SOURCE_CONNECTED")
	relay.Keep(streamtest.ConsumerCreate, streamtest.ConsumerNext)
	relay.Settle()
	begun := time.Now()
	f.publish(51, 52, 53)
	f.delete(52)
	for _, want := range []string{"event 51", "gap 52-52 GAP_REASON_DELETED", "event 53"} {
		if i := w.skipProgress(); i.String() != want {
			t.Fatalf("got %s, want %s", i, want)
		}
	}
	if took := time.Since(begun); took > heardAgain {
		t.Errorf("that came after %s", took)
	}
	gone := map[uint64]bool{20: true, 21: true, 52: true}
	r.watch(all()).expectCovered(0, 53, gone)
	f.publish(54)
	w.expectCovered(53, 54, nil)
	relay.Pass()
	f.publish(55)
	w.expectCovered(54, 55, nil)
	r.watch(all()).expectCovered(0, 55, gone)

	t.Run("in a stream made anew", func(t *testing.T) {
		relay.Keep(streamtest.ConsumerCreate)
		f.remake()
		f.publish(1)
		if i := w.skipProgress(); i.String() != "gap 56-0 GAP_REASON_EPOCH_CHANGED" {
			t.Fatalf("got %s, want the change of epoch", i)
		}
		w.expectCovered(0, 1, nil)
		relay.Pass()
	})
}
