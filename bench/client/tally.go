package client

import (
	"sync/atomic"
	"time"

	"rollcall/bench/measure"
)

// tally is what one watcher has seen. It begins with the first event there is.
type tally struct {
	shared *shared

	next uint64
	// missing are events that were passed over, disordered those that came again
	// or too late.
	missing, disordered int64
}

// shared is what the watchers of one poller count together.
type shared struct {
	// received is when the piece came that is being read.
	received time.Time
	// every how many events the time is taken. It is one and the same event for
	// all watchers, so it does not depend on how events come in batches.
	every uint64

	measuring  *atomic.Bool
	deliveries int64
	times      *measure.Histogram
}

// Saw checks an event's place.
func (t *tally) Saw(sequence uint64) bool {
	if sequence != t.next {
		if sequence < t.next {
			t.disordered++
			return false
		}
		t.missing += int64(sequence - t.next) //nolint:gosec // far below 2^63
	}
	t.next = sequence + 1
	t.shared.deliveries++
	return sequence%t.shared.every == 0 && t.shared.measuring.Load()
}

// Sample counts how long ago an event was published.
func (t *tally) Sample(published int64) {
	t.shared.times.Add(t.shared.received.Sub(time.Unix(0, published)))
}

// lost returns how many of the events up to last did not come.
func (t *tally) lost(last uint64) int64 {
	return t.missing + int64(last+1-t.next) //nolint:gosec // far below 2^63
}
