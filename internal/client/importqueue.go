package client

import (
	"context"
	"sync"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/format"
	"rollcall/internal/statefile"
)

const (
	// MaxWindow is the most rows that an import has on their way.
	MaxWindow = 4096
	// maxDoubt is how many rows after the last one that a state has as settled may be
	// stored: a full window, what is settled between two saves, and one response's
	// results. The server looks for up to 10,000.
	maxDoubt = MaxWindow + 2*statefile.SaveRows
)

// importQueue holds the rows that were read and are not settled, in order.
type importQueue struct {
	id string
	// skipTo is the last line that an earlier run has settled.
	skipTo int
	// space holds one for each row of rows, and for each of a window that has shrunk.
	space chan struct{}
	// arrived has one once there are more rows, or no more.
	arrived chan struct{}

	mu   sync.Mutex
	rows []queueRow
	// resumed is set until the first answer of a run that goes on where another was.
	resumed bool
	// excess is by how much the window has still to shrink.
	excess int
	// first is the number of rows[0] among all that were read.
	first int
	ended bool
	// skip counts rows that an earlier run has settled.
	skip uint64
	// settled is the last line that is settled.
	settled int
	// settledAt is when the server has settled the last one.
	settledAt time.Time
	// floor is the last position that is known to be in the stream; nil where none is.
	floor *contactv1.Position
}

// queueRow is a row that is not settled.
type queueRow struct {
	format.Row

	// sent is set once it was sent, or may have been by an earlier run. It can only be
	// stored after floor then.
	sent  bool
	floor *contactv1.Position
}

func newImportQueue(window int, id string, state *statefile.Import) *importQueue {
	window = min(max(window, 1), MaxWindow)
	q := &importQueue{id: id, arrived: make(chan struct{}, 1), settledAt: time.Now()}

	q.resumed = state.GoesOn()
	q.settled, q.floor = state.SettledUpTo()
	q.skipTo = q.settled

	// All that are in doubt have to be there before the first is answered.
	if q.resumed {
		q.excess = maxDoubt - window
	}

	q.space = make(chan struct{}, window+q.excess)

	return q
}

// add waits for space; false if ctx is done.
func (q *importQueue) add(ctx context.Context, next format.Row) bool {
	if next.Line <= q.skipTo {
		q.mu.Lock()
		defer q.mu.Unlock()

		q.skip++

		return true
	}

	select {
	case q.space <- struct{}{}:
	case <-ctx.Done():
		return false
	}

	q.mu.Lock()
	q.rows = append(q.rows, queueRow{Row: next})
	q.mu.Unlock()
	q.wake()

	return true
}

// end says that there are no more rows.
func (q *importQueue) end() {
	q.mu.Lock()
	q.ended = true
	q.mu.Unlock()
	q.wake()
}

func (q *importQueue) wake() {
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

// rewind returns where sending begins: the first row that is not settled.
func (q *importQueue) rewind() (next int) {
	q.mu.Lock()
	defer q.mu.Unlock()

	return q.first
}

// take waits for rows from next on, and moves next past them. It may have met only
// rows that the reader has refused. more is false after the last, or when ctx is
// done.
func (q *importQueue) take(ctx context.Context, next *int, most int) (batch []*contactv1.SubmitPersonRequest, more bool) {
	for {
		before := *next

		batch, ended := q.takeNow(next, most)
		if *next > before || ended {
			return batch, !ended
		}

		select {
		case <-q.arrived:
		case <-ctx.Done():
			return nil, false
		}
	}
}

func (q *importQueue) takeNow(next *int, most int) (batch []*contactv1.SubmitPersonRequest, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()

	// The receiver may have settled rows that the reader has refused, and that were not
	// come to.
	*next = max(*next, q.first)

	for *next < q.first+len(q.rows) && len(batch) < most {
		one := &q.rows[*next-q.first]
		*next++

		if !one.sent {
			one.sent, one.floor = true, q.floor
		}

		if one.Err == nil {
			batch = append(batch, &contactv1.SubmitPersonRequest{Person: one.Person, IdempotencyKey: rowKey(q.id, one.Line)})
		}
	}

	return batch, q.ended && *next == q.first+len(q.rows)
}

// goesOn reports whether an earlier run may have sent rows that are not settled.
func (q *importQueue) goesOn() bool {
	q.mu.Lock()
	defer q.mu.Unlock()

	return q.resumed
}

// lastSettled is when the server has settled a row, or when the queue began.
func (q *importQueue) lastSettled() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()

	return q.settledAt
}

// doubtful returns after which position rows may be stored, and how many of those
// that are sent first. It waits for the rows that an earlier run may have sent.
func (q *importQueue) doubtful(ctx context.Context) (floor *contactv1.Position, sent int) {
	for {
		floor, sent, all := q.doubtfulNow()
		if all {
			return floor, sent
		}

		select {
		case <-q.arrived:
		case <-ctx.Done():
			return floor, 0
		}
	}
}

func (q *importQueue) doubtfulNow() (floor *contactv1.Position, sent int, all bool) {
	q.mu.Lock()
	defer q.mu.Unlock()

	floor = q.floor
	if len(q.rows) > 0 && q.rows[0].sent {
		floor = q.rows[0].floor
	}

	for n, one := range q.rows {
		if one.Err == nil && (one.sent || q.resumed && q.first+n < maxDoubt) {
			sent++
		}
	}

	return floor, sent, !q.resumed || q.ended || q.first+len(q.rows) >= maxDoubt
}

// settle takes the first row out, which is stored where stored says, if at all.
func (q *importQueue) settle(stored *contactv1.SubmitPersonResponse) (row format.Row, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()

	if len(q.rows) == 0 || !q.rows[0].sent || q.rows[0].Err != nil {
		return format.Row{}, false
	}

	if stored != nil && (q.floor.GetEpoch() != stored.GetEpoch() || q.floor.GetSequence() < stored.GetSequence()) {
		q.floor = &contactv1.Position{Epoch: stored.GetEpoch(), Sequence: stored.GetSequence()}
	}

	q.resumed, q.settledAt = false, time.Now()

	return q.pop(), true
}

// settleRefused takes the first row out if the reader has refused it.
func (q *importQueue) settleRefused() (row format.Row, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()

	if len(q.rows) == 0 || q.rows[0].Err == nil {
		return format.Row{}, false
	}

	return q.pop(), true
}

func (q *importQueue) pop() format.Row {
	one := q.rows[0]
	q.rows[0] = queueRow{}
	q.rows = q.rows[1:]
	q.first++
	q.settled = one.Line

	if q.excess > 0 {
		q.excess--
	} else {
		<-q.space
	}

	return one.Row
}

// done reports whether nothing is left that the server has to answer.
func (q *importQueue) done() bool {
	q.mu.Lock()
	defer q.mu.Unlock()

	for _, one := range q.rows {
		if one.Err == nil {
			return false
		}
	}

	return q.ended
}

// settledUpTo returns the last line that is settled, and a position after which all
// that follow are stored, if they are.
func (q *importQueue) settledUpTo() (line int, after *contactv1.Position) {
	q.mu.Lock()
	defer q.mu.Unlock()

	after = q.floor
	if len(q.rows) > 0 && q.rows[0].sent {
		after = q.rows[0].floor
	}

	return q.settled, after
}

func (q *importQueue) skipped() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()

	return q.skip
}

// unsettled counts the rows that were sent and have no result.
func (q *importQueue) unsettled() (n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()

	for _, one := range q.rows {
		if one.sent && one.Err == nil {
			n++
		}
	}

	return n
}
