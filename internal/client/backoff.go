package client

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff yields the waits between attempts: each about twice the one before,
// spread at random so that clients cut off together do not come back together.
// Small enough to be ours: the loops here decide by themselves when to give up
// and when a server's own hint counts, which libraries bring along and hide.
type backoff struct {
	initial time.Duration
	limit   time.Duration

	next time.Duration
}

func newBackoff(initial, limit time.Duration) *backoff {
	return &backoff{initial: initial, limit: limit, next: initial}
}

// wait returns how long to wait before the next attempt: between half of the
// step and all of it, and never less than the server asked for.
func (b *backoff) wait(atLeast time.Duration) time.Duration {
	step := b.next
	b.next = min(2*b.next, b.limit)

	return max(step/2+rand.N(step/2+1), atLeast) //nolint:gosec // Jitter is no secret.
}

// reset starts over, after an attempt that worked.
func (b *backoff) reset() {
	b.next = b.initial
}

// pause waits, or ends early with the context's error.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
