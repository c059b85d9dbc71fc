package subscriber_test

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go/jetstream"
)

// TestThousandClientsThatComeBackCostJetStreamNothing has them resume from positions
// all over the ring, also on a subscriber that has just become ready.
func TestThousandClientsThatComeBackCostJetStreamNothing(t *testing.T) {
	const clients, stored = 1000, 50
	f := newFixture(t)
	f.publish(numbers(1, stored)...)
	epoch := f.epoch()
	for _, life := range []string{"first", "started again"} {
		t.Run(life, func(t *testing.T) {
			f := f.in(t)
			r := f.replica()
			before, begun := f.asked(), time.Now()
			var coming sync.WaitGroup
			// In ten rows, for what comes at the same instant shares a question.
			for row := range 10 {
				coming.Go(func() {
					for i := row; i < clients; i += 10 {
						position := uint64(i/10) % stored
						next := r.watchDirectly(t, after(epoch, position))
						for position < stored {
							e := next().Event
							if e == nil {
								continue
							}
							position++
							if e.GetSequence() != position {
								t.Errorf("got event %d, want %d", e.GetSequence(), position)
							}
						}
					}
				})
			}
			coming.Wait()
			// The source asks how the stream is: once a second, and we did.
			allowed := 4 + 2*uint64(time.Since(begun)/time.Second)
			if asked := f.asked() - before; asked > allowed {
				t.Errorf("JetStream was asked %d times by %d clients, want at most the source's %d", asked, clients, allowed)
			}
			// What is counted rises where a replay is needed.
			before = f.asked()
			f.replica(tiny).watch(all()).expectCovered(0, stored, nil)
			if asked := f.asked() - before; asked < 8 {
				t.Errorf("JetStream says it was asked %d times by a start and a replay", asked)
			}
		})
	}
}

// TestNotReadyBeforeTheRingIsFilled comes back with the stream's last position the
// moment the subscriber is ready: were its ring not filled, it would have to ask.
func TestNotReadyBeforeTheRingIsFilled(t *testing.T) {
	const stored = 2000
	f := newFixture(t)
	f.publishLarge(stored)
	epoch := f.epoch()
	r := f.unready()
	for r.sub.Ready() != nil {
		time.Sleep(100 * time.Microsecond)
	}
	before := f.asked()
	for range 5 {
		r.watch(after(epoch, stored)).expect("progress 2000 of 2000 SOURCE_CONNECTED")
	}
	if asked := f.asked() - before; asked > 3 { // we did, and the source may have
		t.Errorf("JetStream was asked %d times", asked)
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

// TestPositionOfAnUnknownEpoch comes with positions that mean nothing here: the head that
// is said is the stream's own.
func TestPositionOfAnUnknownEpoch(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	r := f.replica()
	tests := []struct {
		sequence uint64
		gap      string
	}{
		{0, "gap 1-0 GAP_REASON_EPOCH_CHANGED"},
		{7, "gap 8-0 GAP_REASON_EPOCH_CHANGED"},
		{math.MaxUint64 - 1, "gap 18446744073709551615-0 GAP_REASON_EPOCH_CHANGED"},
		{math.MaxUint64, "gap 18446744073709551615-0 GAP_REASON_EPOCH_CHANGED"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.sequence), func(t *testing.T) {
			w := r.in(t).watch(after("unknown", test.sequence))
			w.expect(fmt.Sprintf("progress %d of 3 SOURCE_CONNECTED", test.sequence), test.gap, "progress 0 of 3 SOURCE_CONNECTED", "event 1")
		})
	}
	t.Run("the highest position of this epoch", func(t *testing.T) {
		r.in(t).watch(after(f.epoch(), math.MaxUint64)).endsWith(connect.CodeInvalidArgument)
	})
}

// TestProgressSaysWhatIsKept has the stream forget its start.
func TestProgressSaysWhatIsKept(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	first := func() uint64 { return r.watch(all()).next().Progress.GetFirst() }
	if got := first(); got != 1 {
		t.Errorf("nothing was stored yet: first is %d, want 1", got)
	}
	f.publish(1, 2, 3)
	if got := first(); got != 1 {
		t.Errorf("three are stored: first is %d, want 1", got)
	}
	f.purge(jetstream.WithPurgeSequence(3))
	if got := first(); got != 3 {
		t.Errorf("two were purged: first is %d, want 3", got)
	}
	f.purge()
	if got := first(); got != 4 {
		t.Errorf("all were purged: first is %d, want the one after the last", got)
	}
}
