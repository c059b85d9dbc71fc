package subscriber_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// TestNothingIsShownThatWasDeletedBefore opens watches the moment that messages are
// deleted which the subscriber has in memory.
func TestNothingIsShownThatWasDeletedBefore(t *testing.T) {
	const stored = 10
	harms := []struct {
		name string
		harm func(*fixture)
		kept []uint64
	}{
		{"nothing", func(*fixture) {}, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"one inside", func(f *fixture) { f.delete(7) }, []uint64{1, 2, 3, 4, 5, 6, 8, 9, 10}},
		{"some inside", func(f *fixture) { f.delete(3, 4, 7, 9) }, []uint64{1, 2, 5, 6, 8, 10}},
		{"the last", func(f *fixture) { f.delete(9, 10) }, []uint64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"the first, by deletion", func(f *fixture) { f.delete(1, 2) }, []uint64{3, 4, 5, 6, 7, 8, 9, 10}},
		{"the first, by purging, and more", func(f *fixture) {
			f.delete(2, 6)
			f.purge(jetstream.WithPurgeSequence(5))
			f.delete(8)
		}, []uint64{5, 7, 9, 10}},
		{"all", func(f *fixture) { f.purge() }, nil},
	}
	for _, harm := range harms {
		for _, ring := range []struct {
			name   string
			choose func(*subscriber.Config)
		}{{"from memory", large}, {"from JetStream", func(c *subscriber.Config) { c.RingBytes = 1 }}} {
			t.Run(harm.name+", "+ring.name, func(t *testing.T) {
				f := newFixture(t)
				f.publish(numbers(1, 5)...)
				time.Sleep(2 * time.Millisecond)
				since := &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Since{Since: timestamppb.Now()}}
				f.publish(numbers(6, stored)...)
				r := f.replica(ring.choose)
				harm.harm(f)
				lastOf := func(n int) []uint64 { return harm.kept[max(len(harm.kept)-n, 0):] }
				sinceThen := slices.DeleteFunc(slices.Clone(harm.kept), func(sequence uint64) bool { return sequence < 6 })
				for _, start := range []struct {
					name    string
					request *contactv1.WatchPersonsRequest
					want    []uint64
				}{
					{"all", all(), harm.kept},
					{"last 1", last(1), lastOf(1)},
					{"last 3", last(3), lastOf(3)},
					{"last 20", last(20), harm.kept},
					{"since", since, sinceThen},
				} {
					t.Run(start.name, func(t *testing.T) {
						w := r.in(t).watch(start.request)
						position := w.next().Progress.GetPosition().GetSequence()
						var got []uint64
						for begun := position; position < stored; {
							i := w.skipProgress()
							if i.Gap != nil {
								if position == begun {
									t.Errorf("it begins with %s", i)
								}
								position = i.Gap.GetLast()
								continue
							}
							position = i.Event.GetSequence()
							got = append(got, position)
						}
						if !slices.Equal(got, start.want) {
							t.Errorf("got %v, want %v", got, start.want)
						}
					})
				}
			})
		}
	}
}

// TestMemoryFollowsADeletion resumes from before what was deleted, until the subscriber
// knows of it. What it then sends stays so.
func TestMemoryFollowsADeletion(t *testing.T) {
	tests := []struct {
		name string
		harm func(*fixture)
		want []string
	}{
		{"inside", func(f *fixture) { f.delete(2, 3) }, []string{"event 1", "gap 2-3 GAP_REASON_DELETED", "event 4", "event 5"}},
		{"the last", func(f *fixture) { f.delete(5) }, []string{"event 1", "event 2", "event 3", "event 4", "gap 5-5 GAP_REASON_DELETED"}},
		{"the first", func(f *fixture) { f.purge(jetstream.WithPurgeSequence(4)) }, []string{"gap 1-3 GAP_REASON_NOT_RETAINED", "event 4", "event 5"}},
		{"all", func(f *fixture) { f.purge() }, []string{"gap 1-5 GAP_REASON_NOT_RETAINED"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.publish(numbers(1, 5)...)
			epoch := f.epoch()
			r := f.replica()
			running := r.watch(all())
			for i := running.skipProgress(); i.Event.GetSequence() < 5; i = running.skipProgress() {
			}
			before := r.usedRing()
			test.harm(f)
			begun := time.Now()
			var got []string
			streamtest.Eventually(t, "who resumes is sent a gap", func() bool {
				got = r.until5(after(epoch, 0))
				return slices.Equal(got, test.want)
			})
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("that took %s, want about a second", took)
			}
			if now := r.usedRing(); now >= before {
				t.Errorf("the ring holds %d bytes, as before (%d)", now, before)
			}
			f.publish(6)
			running.expect("event 6")
		})
	}
}

// until5 is what a watch is sent up to sequence 5, without its progress.
func (r *replica) until5(request *contactv1.WatchPersonsRequest) []string {
	w := r.watch(request)
	defer w.end()
	var all []string
	for {
		i := w.skipProgress()
		all = append(all, i.String())
		if i.Event.GetSequence() == 5 || i.Gap.GetLast() == 5 {
			return all
		}
	}
}

func (r *replica) usedRing() uint64 {
	r.t.Helper()
	status, err := r.status.GetStatus(r.t.Context(), &contactv1.GetStatusRequest{})
	if err != nil {
		r.t.Fatal(err)
	}
	return status.GetRingBytes()
}

// TestSmallRingIsKept fills rings of several sizes.
func TestSmallRingIsKept(t *testing.T) {
	f := newFixture(t)
	for _, size := range []int64{4 << 10, 20 << 10, 100 << 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			r := f.in(t).replica(func(c *subscriber.Config) { c.RingBytes = size })
			w := r.watch(&contactv1.WatchPersonsRequest{})
			w.next()
			f.publish(numbers(1, 1000)...)
			for range 1000 {
				w.skipProgress()
			}
			f.publish(0)
			w.skipProgress()
			// A view of what came last is made once that is in the ring.
			if used := r.usedRing(); int64(used) > size+1<<10 || int64(used) < size/2 {
				t.Errorf("%d bytes are used of %d", used, size)
			}
		})
	}
}
