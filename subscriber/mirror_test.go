package subscriber_test

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// mirror makes a mirror of the stream, under its epoch, for replicas to read.
func (f *fixture) mirror() jetstream.Stream {
	f.t.Helper()
	f.read = "mirror"
	made, err := f.js.CreateStream(f.t.Context(), jetstream.StreamConfig{
		Name: f.read, Mirror: &jetstream.StreamSource{Name: streamtest.Name},
		Metadata: map[string]string{stream.EpochKey: f.epoch()},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return made
}

// TestMirrorIsWatchedByTheOriginsPositions has one replica read the stream and another
// its mirror, and takes positions from one to the other.
func TestMirrorIsWatchedByTheOriginsPositions(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 5)...)
	f.delete(3)
	epoch := f.epoch()
	origin := f.replica()
	f.mirror()
	mirror := f.replica()
	w := mirror.watch(after(epoch, 1))
	if p := w.next().Progress; p.GetPosition().GetEpoch() != epoch || p.GetPosition().GetSequence() != 1 {
		t.Fatalf("got %v, want the position that was asked for", p)
	}
	for _, want := range []string{"event 2", "gap 3-3 GAP_REASON_DELETED", "event 4", "event 5"} {
		if i := w.skipProgress(); i.String() != want {
			t.Fatalf("got %s, want %s", i, want)
		}
	}
	f.publish(6)
	if i := w.skipProgress(); i.String() != "event 6" {
		t.Fatalf("got %s, want event 6", i)
	}
	back := origin.watch(after(epoch, 5))
	if i := back.skipProgress(); i.String() != "event 6" {
		t.Fatalf("the origin's subscriber: got %s, want event 6", i)
	}
}

// TestMirrorThatIsBehindIsWaitedFor asks the mirror's subscriber for what follows a
// person that was acknowledged and has not come to the mirror.
func TestMirrorThatIsBehindIsWaitedFor(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2)
	made := f.mirror()
	relay := f.relayed()
	r := f.replica()
	streamtest.Eventually(t, "the mirror has all", func() bool {
		info, err := made.Info(t.Context())
		return err == nil && info.State.LastSeq == 2
	})
	relay.Keep(streamtest.ConsumerNext)
	relay.Settle()
	behind := func(info *jetstream.StreamInfo) {
		info.State.LastSeq, info.State.Msgs = min(info.State.LastSeq, 2), min(info.State.Msgs, 2)
	}
	relay.Change(behind)
	f.publish(3, 4)
	w := r.watch(after(f.epoch(), 3))
	w.expect("progress 3 of 3 SOURCE_CONNECTED")
	relay.Change(nil)
	relay.Pass()
	if i := w.skipProgress(); i.String() != "event 4" {
		t.Errorf("got %s, want event 4", i)
	}

	t.Run("behind what was read from it", func(t *testing.T) {
		w := r.in(t).watch(after(f.epoch(), 4))
		w.next()
		relay.Change(behind)
		relay.Asked(streamtest.StreamInfo, 4) // longer than a leader may take
		relay.Change(nil)
		f.publish(5)
		if i := w.skipProgress(); i.String() != "event 5" {
			t.Errorf("got %s, want event 5", i)
		}
	})
}
