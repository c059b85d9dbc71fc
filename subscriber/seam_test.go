package subscriber_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// TestSeamBetweenJetStreamAndMemory starts watches everywhere while events come
// and the small ring turns; each must get every event from its start on, once.
func TestSeamBetweenJetStreamAndMemory(t *testing.T) {
	const before, total, starts = 300, 1500, 25
	f := newFixture(t)
	f.publish(numbers(1, before)...)
	r := f.replica(func(c *subscriber.Config) { c.RingBytes, c.Replays = 12<<10, 3 })
	var publishing sync.WaitGroup
	publishing.Go(func() { f.publish(numbers(before+1, total)...) })
	var watchers []*watcher
	var froms []uint64
	for i := range starts {
		from := uint64(i * before / starts)
		watchers, froms = append(watchers, r.watch(after(f.epoch(), from))), append(froms, from)
	}
	for i, w := range watchers {
		w.expectCovered(froms[i], total, nil)
	}
	publishing.Wait()
}

func TestGapsAreSaidWithTheirReason(t *testing.T) {
	tests := []struct {
		name string
		harm func(*fixture)
		want []string // after progress, from position 0 of ten events
	}{
		{"one deleted inside", func(f *fixture) { f.delete(5) }, []string{
			"event 1", "event 2", "event 3", "event 4", "gap 5-5 GAP_REASON_DELETED", "event 6", "event 7", "event 8", "event 9", "event 10",
		}},
		{"neighbours deleted", func(f *fixture) { f.delete(5, 6, 7) }, []string{
			"event 1", "event 2", "event 3", "event 4", "gap 5-7 GAP_REASON_DELETED", "event 8", "event 9", "event 10",
		}},
		{"the end deleted", func(f *fixture) { f.delete(9, 10) }, []string{
			"event 1", "event 2", "event 3", "event 4", "event 5", "event 6", "event 7", "event 8", "gap 9-10 GAP_REASON_DELETED",
		}},
		{"the start purged", func(f *fixture) { f.purge(jetstream.WithPurgeSequence(8)) }, []string{
			"gap 1-7 GAP_REASON_NOT_RETAINED", "event 8", "event 9", "event 10",
		}},
		{"all purged", func(f *fixture) { f.purge() }, []string{"gap 1-10 GAP_REASON_NOT_RETAINED"}},
		{"the start purged and one deleted after it", func(f *fixture) {
			f.purge(jetstream.WithPurgeSequence(4))
			f.delete(6)
		}, []string{
			"gap 1-3 GAP_REASON_NOT_RETAINED", "event 4", "event 5", "gap 6-6 GAP_REASON_DELETED", "event 7", "event 8", "event 9", "event 10",
		}},
	}
	for _, test := range tests {
		for _, ring := range []struct {
			name   string
			choose func(*subscriber.Config)
		}{{"memory", large}, {"JetStream", func(c *subscriber.Config) { c.RingBytes = 1 }}} {
			t.Run(test.name+", from "+ring.name, func(t *testing.T) {
				f := newFixture(t)
				f.publish(numbers(1, 10)...)
				test.harm(f)
				r := f.replica(ring.choose)
				w := r.watch(after(f.epoch(), 0))
				w.expect("progress 0 of 10 SOURCE_CONNECTED")
				w.expect(test.want...)
				f.publish(11)
				w.expect("event 11")
			})
		}
	}
}

func TestStartsThatBeginWithoutAGap(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 10)...)
	f.purge(jetstream.WithPurgeSequence(4))
	f.delete(10)
	for _, ring := range []func(*subscriber.Config){large, tiny} {
		r := f.replica(ring)
		w := r.watch(all())
		w.expect("progress 3 of 10 SOURCE_CONNECTED", "event 4")
		w = r.watch(last(3))
		w.expect("progress 6 of 10 SOURCE_CONNECTED", "event 7", "event 8", "event 9", "gap 10-10 GAP_REASON_DELETED")
	}
}

func TestEndDeletedWhileWatchedIsSaidWhenItIsKnown(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	r := f.replica()
	w := r.watch(all())
	w.expect("progress 0 of 1 SOURCE_CONNECTED", "event 1")
	f.nats.Stop() // so that the subscriber can't read them before they are deleted
	w.expect("progress 1 of 1 SOURCE_DISCONNECTED")
	f.nats.Restart()
	streamtest.Eventually(t, "NATS is back", f.nc.IsConnected)
	f.publish(2, 3)
	f.delete(2, 3)
	for position := uint64(1); position < 3; {
		i := w.skipProgress()
		if i.Gap != nil {
			position = i.Gap.GetLast()
		} else {
			position = i.Event.GetSequence() // it was quicker than the deletion
		}
	}
}

func TestStreamMadeAnew(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	old := f.epoch()
	r := f.replica()
	w := r.watch(all())
	w.expect("progress 0 of 3 SOURCE_CONNECTED", "event 1", "event 2", "event 3")
	f.remake()
	f.publish(11, 12)
	i := w.skipProgress()
	if i.String() != "gap 4-0 GAP_REASON_EPOCH_CHANGED" {
		t.Fatalf("got %s, want the change of epoch", i)
	}
	if p := w.next().Progress; p.GetPosition().GetEpoch() != f.epoch() || p.GetPosition().GetSequence() != 0 {
		t.Fatalf("then got %v, want progress with the new epoch %s", p, f.epoch())
	}
	w.expectCovered(0, 2, nil)

	t.Run("resumed with the old epoch", func(t *testing.T) {
		w := r.in(t).watch(after(old, 2))
		p := w.next().Progress
		if p.GetPosition().GetEpoch() != old || p.GetPosition().GetSequence() != 2 {
			t.Fatalf("first came %v, want progress at the position asked for", p)
		}
		w.expect("gap 3-0 GAP_REASON_EPOCH_CHANGED")
		if p := w.next().Progress; p.GetPosition().GetEpoch() != f.epoch() {
			t.Fatalf("then got %v, want progress with the new epoch", p)
		}
		w.expect("event 1", "event 2")
	})
}

// TestStreamMadeAnewDuringAReplay stops a replay half-way by deleting the stream
// under it.
func TestStreamMadeAnewDuringAReplay(t *testing.T) {
	const stored = 2000
	f := newFixture(t)
	f.publish(numbers(1, stored)...)
	r := f.replica(tiny)
	w := r.watch(all())
	f.remake()
	f.publish(1, 2)
	for position := uint64(0); ; position++ {
		i := w.skipProgress()
		if i.Gap.GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED {
			if i.Gap.GetFirst() != position+1 {
				t.Fatalf("got %s after %d", i, position)
			}
			break
		}
		if i.Event.GetSequence() != position+1 {
			t.Fatalf("got %s after %d", i, position)
		}
	}
	w.expectCovered(0, 2, nil)
}

func TestReadersLeaveNoConsumerBehind(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 100)...)
	r := f.replica(tiny)
	for range 5 {
		r.watch(all()).expectCovered(0, 100, nil)
	}
	streamtest.Eventually(t, "the source's consumer alone is left", func() bool { return f.stream().CachedInfo().State.Consumers == 1 })
}

func TestStreamThatFellBehindUnderTheSameEpoch(t *testing.T) {
	f := newFixture(t)
	named := func(c *jetstream.StreamConfig) { c.Metadata = map[string]string{"rollcall-epoch": "same"} }
	f.remake(named)
	f.publish(1, 2, 3)
	r := f.replica()
	w := r.watch(all())
	w.expect("progress 0 of 3 SOURCE_CONNECTED", "event 1", "event 2", "event 3")
	f.remake(named)
	f.publish(1)
	err := w.endsWith(connect.CodeDataLoss)
	if want := "the stream's last sequence is 1, but 3 was read"; !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to say %q", err, want)
	}
	if i := r.watch(last(1)).skipProgress(); i.String() != "event 1" {
		t.Errorf("a watch opened after that got %s, want what the stream has now", i)
	}
}

func TestNATSAwayAndBack(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2)
	epoch := f.epoch()
	r := f.replica()
	w := r.watch(all())
	w.expect("progress 0 of 2 SOURCE_CONNECTED", "event 1", "event 2")
	f.nats.Stop()
	w.expect("progress 2 of 2 SOURCE_DISCONNECTED")
	if err := r.sub.Ready(); err != nil {
		t.Errorf("not ready while NATS is away: %v; clients must be able to resume", err)
	}
	resumed := r.watch(after(epoch, 1))
	resumed.expect("progress 1 of 2 SOURCE_DISCONNECTED", "event 2")
	fresh := r.watch(&contactv1.WatchPersonsRequest{})
	if p := fresh.next().Progress; p.GetSource() != contactv1.Source_SOURCE_DISCONNECTED {
		t.Errorf("a start that can't be known: got %v", p)
	}
	f.nats.Restart()
	streamtest.Eventually(t, "NATS is back", f.nc.IsConnected)
	f.publish(3)
	for _, watch := range []*watcher{w, resumed} {
		if i := watch.skipProgress(); i.String() != "event 3" {
			t.Errorf("got %s, want the exact next event", i)
		}
	}
}

func TestPositionOnAnotherReplica(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 5)...)
	first, second := f.replica(large), f.replica(tiny)
	w := first.watch(all())
	epoch := w.next().Progress.GetPosition().GetEpoch()
	w.expect("event 1", "event 2")
	second.watch(after(epoch, 2)).expect("progress 2 of 5 SOURCE_CONNECTED", "event 3", "event 4", "event 5")
}

func (f *fixture) delete(sequences ...uint64) {
	f.t.Helper()
	for _, sequence := range sequences {
		if err := f.stream().DeleteMsg(context.Background(), sequence); err != nil {
			f.t.Fatal(fmt.Errorf("delete %d: %w", sequence, err))
		}
	}
}

func (f *fixture) purge(options ...jetstream.StreamPurgeOpt) {
	f.t.Helper()
	if err := f.stream().Purge(context.Background(), options...); err != nil {
		f.t.Fatal(err)
	}
}
