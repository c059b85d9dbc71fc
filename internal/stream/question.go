package stream

import (
	"context"
	"sync"
)

// question is sent to the stream's leader, and its answers are shared: of a thousand
// watches that open at once each must know how the stream is now, but one question
// may ask for many. An answer is only given to those who came before it was asked
// for, so it is never older than their call; singleflight would let them join a
// question that is under way.
type question struct {
	ask func(context.Context) (*State, error)

	mu sync.Mutex
	// next is what those wait for who came since the question under way was sent.
	next *answer
	// busy is set while there is someone to send the question.
	busy bool
}

type answer struct {
	given chan struct{}
	state *State
	err   error
}

// answer asks. What it returns is shared and must not be changed.
func (q *question) answer(ctx context.Context) (*State, error) {
	q.mu.Lock()
	if q.next == nil {
		q.next = &answer{given: make(chan struct{})}
	}
	a := q.next
	if !q.busy {
		q.busy = true
		go q.send() //nolint:contextcheck,gosec // it asks for many; none of their contexts bounds it
	}
	q.mu.Unlock()
	select {
	case <-a.given:
		return a.state, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// send asks until nobody waits.
func (q *question) send() {
	for {
		q.mu.Lock()
		a := q.next
		q.next, q.busy = nil, a != nil
		q.mu.Unlock()
		if a == nil {
			return
		}
		a.state, a.err = q.ask(context.Background())
		close(a.given)
	}
}
