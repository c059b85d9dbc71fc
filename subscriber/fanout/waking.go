package fanout

import (
	"sync"
	"time"
)

// wakeBound is how long a few watchers may keep the others waiting: those that
// are stuck in a write longer than that leave the count until they park again.
const wakeBound = 100 * time.Millisecond

// waking decides when parked cursors look again. All that park between two wakes
// share one channel, closed by the wake; those that a wake lets out are its
// pass, and the next wake comes when nearly all of them have parked again.
type waking struct {
	mu sync.Mutex
	// pass counts wakes.
	pass uint64
	// next is closed by the next wake.
	next chan struct{}
	// parked is how many wait for it.
	parked int
	// woken is how many the last wake let out, out how many of them are not back.
	woken, out int
	// stale is set while there is something the parked have not seen.
	stale bool
	// timer, while armed, ends a pass that takes too long.
	timer *time.Timer
	armed bool
}

// ticket is a cursor's part in waking: the pass that let it out, or will when it
// comes. The zero ticket has no part.
type ticket struct{ pass uint64 }

func (w *waking) init() {
	w.next = make(chan struct{})
	w.timer = time.AfterFunc(time.Hour, w.late)
	w.timer.Stop()
}

// Park returns a channel that is closed when the cursor should look again, at
// once if something came since its last Next. It belongs to the next wake; a
// caller that goes on for another reason just parks again later.
func (c *Cursor) Park() <-chan struct{} {
	w := &c.log.waking
	w.mu.Lock()
	defer w.mu.Unlock()
	w.back(&c.ticket)
	c.ticket = ticket{pass: w.pass + 1}
	w.parked++
	next := w.next
	// Looked at under the lock: what is appended later will ask for a wake.
	w.stale = w.stale || c.after < c.log.Head() || c.log.Err() != nil
	w.consider()
	return next
}

// back takes a cursor out of whatever count it is in.
func (w *waking) back(t *ticket) {
	switch t.pass {
	case 0:
	case w.pass + 1: // parked, and no wake came
		w.parked--
	case w.pass: // let out by the last wake
		w.out--
	}
	*t = ticket{}
}

func (w *waking) leave(t *ticket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.back(t)
	w.consider()
}

func (w *waking) appended() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stale = true
	w.consider()
}

// consider wakes if nearly all of the last pass are back, else sees to it that
// the rest are not waited for too long.
func (w *waking) consider() {
	switch {
	case !w.stale || w.parked == 0:
	case w.out <= w.woken/16:
		w.wake()
	case !w.armed:
		w.armed = true
		w.timer.Reset(wakeBound)
	}
}

func (w *waking) late() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = false
	if w.stale && w.parked > 0 {
		w.wake()
	}
}

func (w *waking) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake()
}

func (w *waking) wake() {
	w.timer.Stop()
	w.armed = false
	w.pass++
	w.woken, w.out, w.parked, w.stale = w.parked, w.parked, 0, false
	close(w.next)
	w.next = make(chan struct{})
}
