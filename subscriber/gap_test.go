package subscriber_test

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

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
