package fanout

import (
	"sync"
	"sync/atomic"
)

// SegmentBytes is the most a segment holds, unless one event alone is larger; in a
// small ring it is less. One [Cursor.Next] returns at most a segment, which a view may
// make larger.
const SegmentBytes = 64 << 10

// leastSegments is about how many segments fill a ring that is small.
const leastSegments = 8

// firstBuffer is where a segment's buffer starts; it doubles as it fills, so that
// a segment cut short by a gap stays small.
const firstBuffer = 4 << 10

// What an index costs an event, and a segment itself or its part of a view, in
// bytes.
const (
	timeBytes    = 8
	endBytes     = 4
	segmentBytes = 256
	viewBytes    = 256
)

// Reason says why sequences are missing.
type Reason uint8

// The reasons for a gap.
const (
	// NotRetained: they lie before the first that the source still keeps.
	NotRetained Reason = iota + 1
	// Deleted: they were taken out from between others.
	Deleted
)

// segment covers the sequences from first on: either events, or one gap.
type segment struct {
	first uint64
	// gap and last are set for a gap, and then there is nothing else in it.
	gap  Reason
	last uint64

	events run
	// next is set once nothing more will be appended here.
	next atomic.Pointer[segment]
	// dropped is set when the segment is in the ring no more: it has turned, or others
	// stand in the segment's place. next is then nil, so that a cursor left behind does
	// not keep all that came after in memory.
	dropped atomic.Bool

	// held is the memory of everything in the segment, about.
	held atomic.Int64

	mu sync.Mutex
	// times holds each event's publication time, nanoseconds since 1970.
	times []int64
	views map[*View]*viewRun
}

// run is a growing stretch of encoded events, read without a lock.
type run struct {
	// limit is the size that its segment keeps to.
	limit int
	// state is the number of source events in the run (upper half) and of bytes
	// (lower half): one word, so that a reader always sees both of one moment.
	state atomic.Uint64
	// buf is replaced by a larger copy as it fills. It is stored before the state
	// that needs it, and loaded after: what was loaded is always long enough.
	buf atomic.Pointer[[]byte]

	mu sync.Mutex
	// ends holds where each source event's bytes end.
	ends []uint32
}

// load returns how many source events the run holds, and their bytes.
func (r *run) load() (count, size uint32) {
	state := r.state.Load()
	return uint32(state >> 32), uint32(state) //nolint:gosec // the two halves are meant
}

// bytes returns a stretch of the run that is not empty; false if the ring has let
// go of it.
func (r *run) bytes(from, to uint32) ([]byte, bool) {
	buf := r.buf.Load()
	if buf == nil {
		return nil, false
	}
	return (*buf)[from:to:to], true
}

// end returns where the bytes of the first count events end.
func (r *run) end(count uint32) uint32 {
	if count == 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends[count-1]
}

// boundaries returns where the bytes of the events from the from-th on end.
func (r *run) boundaries(from, to uint32) []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends[from:to]
}

// append adds one source event and returns by how many bytes memory grew. One
// goroutine at a time may call it.
func (r *run) append(event []byte) (grown int) {
	count, size := r.load()
	buf, grown := r.reserve(int(size), len(event))
	copy(buf[size:], event)
	size += uint32(len(event)) //nolint:gosec // a segment's size is bounded by an event's, far below 4 GiB
	r.mu.Lock()
	r.ends = append(r.ends, size)
	r.mu.Unlock()
	r.state.Store(uint64(count+1)<<32 | uint64(size))
	return grown + endBytes
}

// reserve returns a buffer with room for more bytes after size.
func (r *run) reserve(size, more int) (buf []byte, grown int) {
	var have []byte
	if p := r.buf.Load(); p != nil {
		have = *p
	}
	if size+more <= len(have) || more == 0 {
		return have, 0
	}
	larger := make([]byte, max(size+more, min(max(2*len(have), firstBuffer), r.limit)))
	copy(larger, have[:size])
	r.buf.Store(&larger)
	return larger, len(larger) - len(have)
}

// release lets go of the memory, though cursors may still point here.
func (r *run) release() { r.buf.Store(nil) }

// hasRoom reports whether an event fits.
func (s *segment) hasRoom(event []byte) bool {
	count, size := s.events.load()
	return s.gap == 0 && (count == 0 || int(size)+len(event) <= s.events.limit)
}

// size is the memory that the segment's events take, about.
func (s *segment) size() int {
	count, _ := s.events.load()
	buf := s.events.buf.Load()
	if buf == nil {
		return 0
	}
	return len(*buf) + int(count)*(timeBytes+endBytes)
}

// through returns the last sequence the segment covers so far.
func (s *segment) through() uint64 {
	if s.gap != 0 {
		return s.last
	}
	count, _ := s.events.load()
	return s.first + uint64(count) - 1
}

// append adds an event and returns by how many bytes memory grew.
func (s *segment) append(publishedAt int64, event []byte) (grown int) {
	s.mu.Lock()
	s.times = append(s.times, publishedAt)
	s.mu.Unlock()
	return timeBytes + s.events.append(event)
}

// drop lets go of the segment's memory.
func (s *segment) drop() {
	s.dropped.Store(true)
	s.next.Store(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.views {
		r.drop()
	}
	s.events.release()
	s.views, s.times = nil, nil
}

// view returns the segment's run in a view's bytes, made when it is first asked
// for; nil if the segment was dropped.
func (s *segment) view(v *View) *viewRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped.Load() {
		return nil
	}
	return s.viewLocked(v)
}

func (s *segment) viewLocked(v *View) *viewRun {
	if r := s.views[v]; r != nil {
		return r
	}
	r := &viewRun{source: &s.events, run: run{limit: s.events.limit}}
	if v.of != nil {
		r.from = s.viewLocked(v.of)
		r.source = &r.from.run
	}
	if s.views == nil {
		s.views = make(map[*View]*viewRun)
	}
	s.views[v] = r
	r.held.Add(viewBytes)
	v.log.charge(s, viewBytes)
	return r
}

// forget lets go of what was made for a view.
func (s *segment) forget(v *View) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.views[v]
	if r == nil {
		return
	}
	delete(s.views, v)
	r.drop()
	v.log.charge(s, -int(r.held.Load()))
}
