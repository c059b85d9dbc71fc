package subscriber

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// rateSeconds is for how long the rate of events is remembered.
const rateSeconds = 300

// rates counts events by the second.
type rates struct {
	// current is of the second that is under way.
	current atomic.Uint32

	mu sync.Mutex
	// past holds the seconds before in a ring; next is where the next one goes.
	past []uint32
	next int
}

// count is called for each event.
func (r *rates) count() { r.current.Add(1) }

// run ends a second every second until ctx is done.
func (r *rates) run(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.tick()
		case <-ctx.Done():
			return
		}
	}
}

func (r *rates) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := r.current.Swap(0)
	if len(r.past) < rateSeconds {
		r.past = append(r.past, count)
		return
	}
	r.past[r.next] = count
	r.next = (r.next + 1) % rateSeconds
}

// seconds returns the counts of the last seconds, the latest last.
func (r *rates) seconds() []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(append(make([]uint32, 0, len(r.past)), r.past[r.next:]...), r.past[:r.next]...)
}
