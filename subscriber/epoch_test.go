package subscriber_test

import (
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
)

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
