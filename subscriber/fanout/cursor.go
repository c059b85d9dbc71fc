package fanout

import "errors"

var (
	// ErrCaughtUp says that there is nothing more now: park.
	ErrCaughtUp = errors.New("caught up with the log")
	// ErrBehind says that the ring begins after the cursor's position.
	ErrBehind = errors.New("fell behind the ring")
)

// Stretch is what a cursor moves over in one step: events or one gap.
type Stretch struct {
	// Events is the encoded events one after another, shared with all: it must
	// not be changed. It is empty for a gap, and where a view shows none of them.
	Events []byte
	// First and Last are the sequences covered.
	First, Last uint64
	// Gap is set when they will never come.
	Gap Reason
}

// Cursor is a watcher's place in a log. One goroutine uses it.
type Cursor struct {
	log  *Log
	view *View
	// after is the position: everything up to it was returned.
	after uint64

	segment *segment
	made    *viewRun
	run     *run
	count   uint32 // source events of the run already returned
	offset  uint32 // and their bytes

	waking *waking
	ticket ticket
}

// Cursor opens a cursor after a position, which may lie past the head: it then
// waits for the log to get there. view is nil for the log's own bytes. The error
// is [ErrBehind] if the ring begins later. Close it when done.
func (l *Log) Cursor(view *View, after uint64) (*Cursor, error) {
	if after < l.Base() {
		return nil, ErrBehind
	}
	c := &Cursor{log: l, view: view, after: after, waking: &l.waking}
	if view != nil && view.filter != nil {
		c.waking = &view.filter.waking
	}
	return c, nil
}

// Position returns the sequence up to which everything was returned.
func (c *Cursor) Position() uint64 { return c.after }

// Next returns what follows, at most to the end of the segment. The error is
// [ErrCaughtUp], [ErrBehind], or what the log was closed with.
func (c *Cursor) Next() (Stretch, error) {
	for {
		stretch, err := c.step()
		if !errors.Is(err, ErrBehind) {
			return stretch, err
		}
		if c.segment = nil; c.after >= c.log.Base() {
			continue // it was dropped, but all of it was read
		}
		if skipped, ok := c.skip(); ok {
			return skipped, nil
		}
		return Stretch{}, ErrBehind
	}
}

func (c *Cursor) step() (Stretch, error) {
	if c.segment == nil && (c.after > c.log.Head() || !c.seek()) {
		return Stretch{}, c.unplaced()
	}
	for {
		next := c.segment.next.Load() // before reading: nothing is added once it is set
		stretch, err := c.read()
		if !errors.Is(err, ErrCaughtUp) {
			return stretch, err
		}
		if next == nil {
			return Stretch{}, c.end()
		}
		// A view of a segment that is being dropped may end before the segment does.
		if next.first != c.after+1 || !c.enter(next) {
			return Stretch{}, ErrBehind
		}
	}
}

// Close ends the cursor.
func (c *Cursor) Close() { c.waking.leave(&c.ticket) }

func (c *Cursor) unplaced() error {
	if c.after > c.log.Head() {
		return c.end()
	}
	return ErrBehind
}

// end says why there is nothing to read at the log's end.
func (c *Cursor) end() error {
	if c.segment != nil && c.segment.dropped.Load() {
		return ErrBehind
	}
	if err := c.log.Err(); err != nil && c.after >= c.log.Head() {
		return err
	}
	return ErrCaughtUp
}

// seek places the cursor at its position; false if the ring begins later.
func (c *Cursor) seek() bool {
	s := c.log.find(c.after)
	if s == nil || !c.enter(s) {
		return false
	}
	if s.gap != 0 {
		return true
	}
	c.count = uint32(c.after + 1 - s.first) //nolint:gosec // a segment holds far fewer than 2^32 events
	if c.made != nil {
		c.view.extend(s, c.made)
	}
	if s.dropped.Load() {
		return false
	}
	c.offset = c.run.end(c.count)
	return true
}

// enter moves the cursor to the start of a segment; false if it was dropped.
func (c *Cursor) enter(s *segment) bool {
	c.segment, c.run, c.made, c.count, c.offset = s, &s.events, nil, 0, 0
	if c.view != nil && s.gap == 0 {
		if c.made = s.view(c.view); c.made == nil {
			return false
		}
		c.run = &c.made.run
	}
	return !s.dropped.Load()
}

// read returns what the segment has past the cursor.
func (c *Cursor) read() (Stretch, error) {
	if c.segment.gap != 0 {
		return c.readGap()
	}
	if c.made != nil {
		c.view.catchUp(c.segment, c.made)
	}
	count, size := c.run.load()
	if count <= c.count {
		return Stretch{}, ErrCaughtUp
	}
	stretch := Stretch{First: c.after + 1, Last: c.segment.first + uint64(count) - 1}
	if size == c.offset && c.segment.dropped.Load() {
		return Stretch{}, ErrBehind // what is left out here may be gone by now
	}
	if size > c.offset {
		events, ok := c.run.bytes(c.offset, size)
		if !ok {
			return Stretch{}, ErrBehind
		}
		stretch.Events = events
	}
	c.count, c.offset, c.after = count, size, stretch.Last
	return stretch, nil
}

func (c *Cursor) readGap() (Stretch, error) {
	if c.after >= c.segment.last {
		return Stretch{}, ErrCaughtUp
	}
	stretch := Stretch{First: c.after + 1, Last: c.segment.last, Gap: c.segment.gap}
	c.after = stretch.Last
	return stretch, nil
}
