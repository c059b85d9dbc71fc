package fanout

import "fmt"

// Range is a stretch of sequences that are gone, and why.
type Range struct {
	First, Last uint64
	Reason      Reason
}

// Remove takes out of the log what is gone: a cursor that has not passed a range
// comes to a gap there, and bytes that were returned already stay as they are.
// Ranges must stand in order and must not overlap; what of them lies before the ring
// or past the head has no effect. Like [Log.Append] it is for one goroutine at a time.
func (l *Log) Remove(gone ...Range) {
	l.mu.Lock()
	defer l.mu.Unlock()
	gone = l.within(gone)
	var before *segment // the segment in front of s
	for s := l.oldest; s != nil && len(gone) > 0; {
		switch {
		case gone[0].First > s.through():
			before, s = s, s.next.Load()
		case s.says(gone[0]):
			gone = gone[1:]
		default:
			last, count := touched(s, gone)
			before = l.exchange(before, s, last, without(s, last, gone[:count]))
			s, gone = before.next.Load(), gone[count:]
		}
	}
}

// within returns the ranges as far as they lie in the ring.
func (l *Log) within(gone []Range) []Range {
	base, head := l.Base(), l.Head()
	var inside []Range
	for i, r := range gone {
		if r.Last < r.First || i > 0 && r.First <= gone[i-1].Last {
			panic(fmt.Sprintf("fanout: removal of %d-%d, which is empty or not in order", r.First, r.Last))
		}
		r.First, r.Last = max(r.First, base+1), min(r.Last, head)
		if r.First <= r.Last {
			inside = append(inside, r)
		}
	}
	return inside
}

// says reports whether the segment is a gap that says already what r does.
func (s *segment) says(r Range) bool {
	return s.gap == r.Reason && s.first <= r.First && r.Last <= s.last
}

// touched returns how many ranges lie in the segments from s on that they have to do
// with together, and the last of these.
func touched(s *segment, gone []Range) (last *segment, count int) {
	last = s
	for ; count < len(gone) && gone[count].First <= last.through(); count++ {
		for gone[count].Last > last.through() {
			last = last.next.Load()
		}
	}
	return last, count
}

// without returns segments in the place of those from first to last, with gaps where
// they are gone.
func without(first, last *segment, gone []Range) (chain []*segment) {
	from := first.first
	for _, r := range gone {
		chain = appendKept(chain, first, from, r.First-1)
		chain = appendGap(chain, r)
		from = r.Last + 1
	}
	return appendKept(chain, first, from, last.through())
}

// appendKept appends copies of what the segments from s on hold in a range, which
// may be empty.
func appendKept(chain []*segment, s *segment, from, to uint64) []*segment {
	for ; s != nil && s.first <= to; s = s.next.Load() {
		first, last := max(from, s.first), min(to, s.through())
		switch {
		case first > last:
		case s.gap != 0:
			chain = appendGap(chain, Range{first, last, s.gap})
		default:
			chain = append(chain, s.copy(first, last))
		}
	}
	return chain
}

// appendGap appends a gap, as part of the one before it if that says the same.
func appendGap(chain []*segment, r Range) []*segment {
	if n := len(chain); n > 0 && chain[n-1].gap == r.Reason {
		chain[n-1].last = r.Last
		return chain
	}
	return append(chain, &segment{first: r.First, last: r.Last, gap: r.Reason})
}

// copy returns the events of a range as a segment of its own.
func (s *segment) copy(first, last uint64) *segment {
	from, to := uint32(first-s.first), uint32(last-s.first+1) //nolint:gosec // a segment holds far fewer than 2^32 events
	c := &segment{first: first}
	c.events.take(&s.events, from, to)
	s.mu.Lock()
	defer s.mu.Unlock()
	c.times = append(c.times, s.times[from:to]...)
	return c
}

// take makes a run that is empty a copy of some events of another.
func (r *run) take(of *run, from, to uint32) {
	begin, end := of.end(from), of.end(to)
	events, _ := of.bytes(begin, end)
	buf := append([]byte(nil), events...)
	r.limit = of.limit
	r.buf.Store(&buf)
	for _, boundary := range of.boundaries(from, to) {
		r.ends = append(r.ends, boundary-begin)
	}
	r.state.Store(uint64(to-from)<<32 | uint64(end-begin))
}

// exchange puts a chain of segments in the place of those from first to last, which
// stand behind before, if that is not nil. It returns the chain's last. Cursors in
// what is dropped look for their place anew.
func (l *Log) exchange(before, first, last *segment, chain []*segment) *segment {
	next := last.next.Load()
	end := chain[len(chain)-1]
	if next == nil && end.gap != 0 {
		end = l.newSegment(end.last + 1)
		chain = append(chain, end)
	}
	for i, s := range chain {
		if i > 0 {
			chain[i-1].next.Store(s)
		}
		l.charge(s, segmentBytes+s.size())
	}
	end.next.Store(next)
	if next == nil {
		l.newest = end
	}
	if before == nil {
		l.oldest = chain[0]
	} else {
		before.next.Store(chain[0])
	}
	for s := first; s != next; {
		dropped := s
		s = s.next.Load()
		l.drop(dropped)
	}
	return end
}
