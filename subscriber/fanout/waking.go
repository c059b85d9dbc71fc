package fanout

import (
	"sync"
	"sync/atomic"
	"time"
)

// How long the watchers of a pass may keep the others waiting. Those that are
// stuck in a write longer than that leave the count until they park again.
const (
	// wakeBound is for a pass of which not even half are back.
	wakeBound = 100 * time.Millisecond
	// stuckAfter is for the rest: so many times what the first half took, for they
	// all do the same; but no less than leastPatience.
	stuckAfter    = 4
	leastPatience = 2 * time.Millisecond
)

// waking decides when parked cursors look again. All that park between two wakes
// share one channel, closed by the wake; those that a wake lets out are its
// pass, and the next wake comes when nearly all of them have parked again.
type waking struct {
	// head is the last sequence at which there is something to see: an event that
	// is shown, or a gap.
	head atomic.Uint64

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
	// begun is when the last wake was, half how long the first half of its pass took.
	begun time.Time
	half  time.Duration
	// timer, while armed, ends a pass that takes too long. It is set anew when the
	// half is back.
	timer      *time.Timer
	armed, set bool
}

// ticket is a cursor's part in waking: the pass that let it out, or will when it
// comes. The zero ticket has no part.
type ticket struct{ pass uint64 }

func (w *waking) init(head uint64) {
	w.head.Store(head)
	w.next = make(chan struct{})
	w.timer = time.AfterFunc(time.Hour, w.late)
	w.timer.Stop()
}

// Park returns a channel that is closed when the cursor should look again, at
// once if something came since its last Next. It belongs to the next wake; a
// caller that goes on for another reason just parks again later.
func (c *Cursor) Park() <-chan struct{} {
	w := c.waking
	w.mu.Lock()
	defer w.mu.Unlock()
	w.back(&c.ticket)
	c.ticket = ticket{pass: w.pass + 1}
	w.parked++
	next := w.next
	// Looked at under the lock: what is appended later will ask for a wake.
	w.stale = w.stale || c.after < w.head.Load() || c.log.Err() != nil
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
		if w.out == w.woken/2 {
			w.half = time.Since(w.begun)
			w.set = false
		}
	}
	*t = ticket{}
}

func (w *waking) leave(t *ticket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.back(t)
	w.consider()
}

// advance says that there is something to see at a sequence.
func (w *waking) advance(head uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if head <= w.head.Load() {
		return
	}
	w.head.Store(head)
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
	case !w.armed || !w.set:
		w.armed, w.set = true, true
		w.timer.Reset(w.patience())
	}
}

// patience is how much longer the rest of a pass is waited for.
func (w *waking) patience() time.Duration {
	if w.out > w.woken/2 {
		return wakeBound
	}
	whole := min(max(stuckAfter*w.half, leastPatience), wakeBound)
	return max(whole-time.Since(w.begun), 0)
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
	w.begun = time.Now()
	close(w.next)
	w.next = make(chan struct{})
}
