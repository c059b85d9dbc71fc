package fanout

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Log is a ring of the latest events. One goroutine at a time appends; any number
// read.
type Log struct {
	maxBytes int64
	// limit is the most that a segment holds; see [SegmentBytes].
	limit int
	// held is the memory of all segments, their views included.
	held atomic.Int64
	base atomic.Uint64

	closeErr atomic.Pointer[error]

	mu     sync.Mutex
	oldest *segment
	newest *segment
	// filters are the views that wake their cursors themselves.
	filters map[*View]struct{}

	waking waking
}

// New returns a log that begins after the sequence base and keeps the latest events
// in at most maxBytes, what is made of them for views included, and the very latest
// always.
func New(base uint64, maxBytes int64) *Log {
	// So that a small ring, too, is several segments: it turns by one at a time.
	l := &Log{maxBytes: maxBytes, limit: int(min(SegmentBytes, max(maxBytes, 0)/leastSegments)), filters: make(map[*View]struct{})}
	l.oldest = l.newSegment(base + 1)
	l.newest = l.oldest
	l.charge(l.oldest, segmentBytes)
	l.base.Store(base)
	l.waking.init(base)
	return l
}

// Head returns the last sequence appended, as an event or within a gap.
func (l *Log) Head() uint64 { return l.waking.head.Load() }

// Base returns the sequence after which the ring begins.
func (l *Log) Base() uint64 { return l.base.Load() }

// Bytes returns how much memory the ring's events take.
func (l *Log) Bytes() int64 { return l.held.Load() }

// Append adds the next event. Its sequence must be Head()+1; publishedAt is in
// nanoseconds since 1970. The event is copied.
func (l *Log) Append(sequence uint64, publishedAt int64, event []byte) {
	l.mustFollow(sequence)
	l.mu.Lock()
	if !l.newest.hasRoom(event) {
		l.grow(l.newSegment(sequence))
	}
	l.charge(l.newest, l.newest.append(publishedAt, event))
	l.trim()
	l.mu.Unlock()
	l.waking.advance(sequence)
}

// Gap says that the sequences from Head()+1 through last will never come.
func (l *Log) Gap(last uint64, reason Reason) {
	first := l.Head() + 1
	if last < first {
		panic(fmt.Sprintf("fanout: gap through %d ends before the head %d", last, first-1))
	}
	l.mu.Lock()
	l.grow(&segment{first: first, last: last, gap: reason})
	l.grow(l.newSegment(last + 1))
	l.trim()
	l.mu.Unlock()
	l.waking.advance(last)
}

// Close ends the log: cursors read what is there, then get err.
func (l *Log) Close(err error) {
	l.closeErr.Store(&err)
	l.mu.Lock()
	filters := slices.Collect(maps.Keys(l.filters))
	l.mu.Unlock()
	l.waking.wakeAll()
	for _, v := range filters {
		v.filter.waking.wakeAll()
	}
}

// Since returns the position before the first event published at a time or
// later, in nanoseconds since 1970; false if that may lie before the ring, or
// after it.
func (l *Log) Since(publishedAt int64) (after uint64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := l.oldest; s != nil; s = s.next.Load() {
		s.mu.Lock()
		times := s.times
		s.mu.Unlock()
		for i, t := range times {
			if t >= publishedAt {
				return s.first + uint64(i) - 1, ok
			}
			ok = true // an earlier event is in the ring, so none before the ring counts
		}
	}
	return 0, false
}

func (l *Log) mustFollow(sequence uint64) {
	if head := l.Head(); sequence != head+1 {
		panic(fmt.Sprintf("fanout: append of sequence %d after %d", sequence, head))
	}
}

// newSegment returns a segment for events from a sequence on.
func (l *Log) newSegment(first uint64) *segment {
	return &segment{first: first, events: run{limit: l.limit}}
}

func (l *Log) grow(next *segment) {
	l.newest.next.Store(next)
	l.newest = next
	l.charge(next, segmentBytes)
}

// charge counts memory that a segment grew by.
func (l *Log) charge(s *segment, grown int) {
	s.held.Add(int64(grown))
	l.held.Add(int64(grown))
}

// trim drops the oldest segments while the ring is too large.
func (l *Log) trim() {
	for l.held.Load() > l.maxBytes && l.oldest != l.newest {
		oldest := l.oldest
		l.oldest = oldest.next.Load()
		l.base.Store(oldest.through())
		l.drop(oldest)
	}
}

// drop lets go of a segment that is in the ring no more.
func (l *Log) drop(s *segment) {
	s.drop()
	l.held.Add(-s.held.Load())
}

// find returns the segment in which the sequence after a position lies or will
// lie; nil if the ring begins later.
func (l *Log) find(after uint64) *segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	if after < l.base.Load() {
		return nil
	}
	for s := l.oldest; ; s = s.next.Load() {
		if s == l.newest || after < s.through() {
			return s
		}
	}
}

// Err returns what the log was closed with; nil while it is open.
func (l *Log) Err() error {
	if err := l.closeErr.Load(); err != nil {
		return *err
	}
	return nil
}
