package subscriber

import (
	"sync/atomic"

	"rollcall/subscriber/fanout"
)

// incarnation is one epoch of the stream and the log of its latest events.
type incarnation struct {
	epoch string
	log   *fanout.Log
	json  *fanout.View
	// last is the stream's last sequence as the leader last said.
	last atomic.Uint64
}

func newIncarnation(epoch string, base uint64, ringBytes int64) *incarnation {
	log := fanout.New(base, ringBytes)
	return &incarnation{epoch: epoch, log: log, json: log.NewView(nil, jsonOf)}
}

// head returns the stream's last sequence as far as it is known here.
func (i *incarnation) head() uint64 { return max(i.last.Load(), i.log.Head()) }
