package subscriber_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

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

func TestReadersLeaveNoConsumerBehind(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 100)...)
	r := f.replica(tiny)
	for range 5 {
		r.watch(all()).expectCovered(0, 100, nil)
	}
	streamtest.Eventually(t, "the source's consumer alone is left", func() bool { return f.stream().CachedInfo().State.Consumers == 1 })
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

// TestSeamWhateverTheStart opens every kind of start, in, at the edge of and before
// rings of several sizes, in both encodings, while events arrive and the rings turn.
func TestSeamWhateverTheStart(t *testing.T) {
	const before, total = 64, 128
	f := newFixture(t)
	f.publishLarge(before)
	epoch := f.epoch()
	at := func(sequence uint64) *contactv1.WatchPersonsRequest {
		m, err := f.stream().GetMsg(context.Background(), sequence)
		if err != nil {
			t.Fatal(err)
		}
		return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(m.Time)}}
	}
	type start struct {
		name            string
		request         *contactv1.WatchPersonsRequest
		lowest, highest uint64 // of where it may begin
	}
	starts := []start{{"all", all(), 0, 0}, {"new", &contactv1.WatchPersonsRequest{}, before, total}}
	// A segment holds 16: these are its edge and its middle, over the whole ring.
	for sequence := uint64(0); sequence <= before; sequence += 8 {
		starts = append(starts,
			start{fmt.Sprintf("after %d", sequence), after(epoch, sequence), sequence, sequence},
			start{fmt.Sprintf("last %d", sequence), last(uint32(sequence)), before - sequence, total - sequence})
		if sequence > 0 {
			starts = append(starts, start{fmt.Sprintf("since %d", sequence), at(sequence), sequence - 1, sequence - 1})
		}
	}
	type opened struct {
		start
		w *watcher
	}
	var watches []opened
	var replicas []*replica
	for _, ring := range []int64{1, 150 << 10, 8 << 20} {
		replicas = append(replicas, f.replica(func(c *subscriber.Config) { c.RingBytes = ring }))
	}
	var publishing sync.WaitGroup
	publishing.Go(func() { f.publishLarge(total - before) })
	for _, r := range replicas {
		for _, r := range []*replica{r, r.inJSON()} {
			for _, s := range starts {
				watches = append(watches, opened{s, r.watch(s.request)})
			}
		}
	}
	for _, o := range watches {
		first := o.w.next()
		position := first.Progress.GetPosition().GetSequence()
		if first.Progress == nil || position < o.lowest || position > o.highest {
			t.Fatalf("%s: first came %s, want a position from %d to %d", o.name, first, o.lowest, o.highest)
		}
		o.w.expectCovered(position, total, nil)
		o.w.end()
	}
	publishing.Wait()
}
