package subscriber

import (
	"cmp"
	"errors"
	"log/slog"
	"sync"
	"time"

	"rollcall/internal/stream"
)

// sayAfter is how long a loss is not logged yet: NATS may turn out to be away.
const sayAfter = 500 * time.Millisecond

// outage logs when the stream is not read and when it is again, a line each, however
// often it is tried meanwhile; another line for a reason that lasts. What others log it
// does not: that NATS is away and back, that the stream was made anew, and which of its
// settings forbid it.
type outage struct {
	log    *slog.Logger
	stream *stream.Stream

	mu sync.Mutex
	// reconnects is how often NATS had been away when it was looked last.
	reconnects uint64
	// read is set once the stream was read.
	read bool
	// begun is when that ended.
	begun time.Time
	// said is the reason that was logged; empty for none.
	said string
	// next is the reason that say will log; empty and nil for none. timer calls it.
	next  string
	say   func()
	timer *time.Timer
}

// ended is for a session that did read.
func (o *outage) ended(err error) {
	o.mu.Lock()
	o.begun = time.Now()
	o.mu.Unlock()
	o.failed(err)
}

// failed is for one that did not come to it.
func (o *outage) failed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, others := range []error{stream.ErrAway, stream.ErrOtherEpoch, stream.ErrSettings} {
		if errors.Is(err, others) {
			o.forget()
			return
		}
	}
	reason := reasonOf(err, o.stream.Name())
	if known := cmp.Or(o.next, o.said); known == reason || known != "" && !isLasting(err) {
		return
	}
	o.forget()
	o.next = reason
	o.say = func() {
		o.said = reason
		o.log.Warn("the stream is not read; trying again until it is", "stream", o.stream.Name(), "reason", reason, "error", err)
	}
	o.timer = time.AfterFunc(sayAfter, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.sayNow()
	})
}

// sayNow logs what is to be said, unless it came of NATS being away.
func (o *outage) sayNow() {
	reconnects := o.stream.Reconnects()
	if o.say != nil && o.stream.Connected() && reconnects == o.reconnects {
		o.say()
	}
	o.reconnects = reconnects
	o.forget()
}

// forget drops what is not logged yet.
func (o *outage) forget() {
	if o.timer != nil {
		o.timer.Stop()
	}
	o.next, o.say = "", nil
}

// end is for a source that is not to read any more.
func (o *outage) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget()
}

// over is for a session that reads.
func (o *outage) over() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sayNow()
	if o.read && o.said != "" {
		o.log.Info("the stream is read again", "stream", o.stream.Name(), "after", time.Since(o.begun).Round(time.Millisecond))
	}
	o.read, o.said = true, ""
}
