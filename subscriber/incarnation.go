package subscriber

import (
	"sync/atomic"

	"rollcall/internal/stream"
	"rollcall/subscriber/fanout"
)

// incarnation is one epoch of the stream and the log of its latest events.
type incarnation struct {
	epoch string
	log   *fanout.Log
	views views
	// last is the stream's last sequence as the leader last said.
	last atomic.Uint64
	// known is what the leader last said of the whole stream. source.appending is held to
	// store it.
	known atomic.Pointer[known]
	// outdated is set while the log may hold what known says is gone; source.appending
	// guards it.
	outdated bool
}

// newIncarnation returns the incarnation that was found, with a log that begins after
// base. Which messages are deleted is still to be learnt.
func newIncarnation(found *stream.State, base uint64, ringBytes int64) *incarnation {
	log := fanout.New(base, ringBytes)
	i := &incarnation{epoch: found.Epoch, log: log, views: newViews(log, nil, found.Epoch)}
	i.known.Store(&known{State: found})
	i.noteLast(found.Last)
	return i
}

// noteLast takes over the stream's last sequence from an answer of the leader. Of
// several the newest counts, which is the highest: within an epoch it never falls.
func (i *incarnation) noteLast(last uint64) {
	for known := i.last.Load(); known < last && !i.last.CompareAndSwap(known, last); {
		known = i.last.Load()
	}
}

// head returns the stream's last sequence as far as it is known here.
func (i *incarnation) head() uint64 { return max(i.last.Load(), i.log.Head()) }
