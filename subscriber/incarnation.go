package subscriber

import (
	"sync/atomic"

	"rollcall/subscriber/fanout"
)

// incarnation is one epoch of the stream and the log of its latest events.
type incarnation struct {
	epoch string
	log   *fanout.Log
	views views
	// last is the stream's last sequence as the leader last said.
	last atomic.Uint64
}

func newIncarnation(epoch string, base uint64, ringBytes int64) *incarnation {
	log := fanout.New(base, ringBytes)
	return &incarnation{epoch: epoch, log: log, views: newViews(log, nil, epoch)}
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
