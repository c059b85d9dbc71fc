package fanout

import (
	"context"
	"errors"
	"sync/atomic"
)

// filter is what a view has that leaves events out: its cursors sleep until there
// is something for them, however much comes meanwhile.
type filter struct {
	// waking is the view's own. Its head is the last event shown, or gap; at first
	// the log's head, for before it nothing is known.
	waking waking
	// through is up to where Run has looked. Read it before waking's head: what is
	// shown up to it is in that head then.
	through atomic.Uint64
}

// NewFilter returns a view for transforms that leave most events out. Its cursors
// cost nothing for an event that they are not shown: they are woken by the ones
// that are, and by gaps. Run must run for as long as they are open.
func (l *Log) NewFilter(transform Transform) *View {
	v := l.NewView(nil, transform)
	v.filter = &filter{}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.filters[v] = struct{}{}
	head := l.Head()
	v.filter.waking.init(head)
	v.filter.through.Store(head)
	return v
}

// Run looks at what is appended, until ctx is done or the log is closed.
func (v *View) Run(ctx context.Context) {
	c := &Cursor{log: v.log, view: v, after: v.filter.through.Load(), waking: &v.log.waking}
	defer c.Close()
	for {
		stretch, err := c.Next()
		switch {
		case err == nil:
			c.settle()
			v.filter.looked(stretch)
		case errors.Is(err, ErrCaughtUp):
			select {
			case <-c.Park():
			case <-ctx.Done():
				return
			}
		case errors.Is(err, ErrBehind):
			// The ring has turned quicker than this looks. Cursors that wait for
			// what was missed have to look for themselves.
			c.after = v.log.Base()
			v.filter.waking.advance(c.after)
		default:
			return
		}
	}
}

// settle waits for another cursor that may have made what this one just read, and
// is about to say so.
func (c *Cursor) settle() {
	if c.made != nil {
		c.made.making.Lock()
		defer c.made.making.Unlock()
	}
}

// looked says what Run has seen.
func (f *filter) looked(s Stretch) {
	if s.Gap != 0 {
		f.waking.advance(s.Last)
	}
	f.through.Store(s.Last)
}

// skip moves a cursor that fell behind the ring over what its filter leaves out;
// false if there may be more than that.
func (c *Cursor) skip() (Stretch, bool) {
	if c.view == nil || c.view.filter == nil {
		return Stretch{}, false
	}
	through := c.view.filter.through.Load()
	if c.after >= through || c.after < c.view.filter.waking.head.Load() {
		return Stretch{}, false
	}
	stretch := Stretch{First: c.after + 1, Last: through}
	c.after = through
	return stretch, true
}
