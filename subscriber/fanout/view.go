package fanout

import (
	"sync"
	"sync/atomic"
)

// Transform appends what a view shows of the event of a sequence to dst and
// returns it; dst as it was leaves the event out. It must not keep either slice,
// and it may be called by many at once.
type Transform func(dst []byte, sequence uint64, event []byte) []byte

// View is a log in other bytes. Cursors of one view share what is made.
type View struct {
	log       *Log
	of        *View
	transform Transform
	scratch   sync.Pool
	// filter is set where cursors are woken only for what is shown.
	filter *filter
}

// NewView returns the log, or another view of it if of is not nil, as transform
// shows it. What of leaves out is not asked for.
func (l *Log) NewView(of *View, transform Transform) *View {
	v := &View{log: l, of: of, transform: transform, scratch: sync.Pool{New: func() any { return new([]byte) }}}
	if of != nil {
		v.filter = of.filter
	}
	return v
}

// Close lets go of what was made. No cursor of the view may be open, nor one be
// opened later, nor views of it.
func (v *View) Close() {
	v.log.mu.Lock()
	defer v.log.mu.Unlock()
	delete(v.log.filters, v)
	for s := v.log.oldest; s != nil; s = s.next.Load() {
		s.forget(v)
	}
}

// viewRun is a segment's events in a view's bytes.
type viewRun struct {
	run
	// source is what it is made from: the segment's own events, or from's.
	source *run
	from   *viewRun
	// held is the memory it takes, about.
	held atomic.Int64
	// making is held while events are transformed, and by drop, so that a
	// segment's own bytes stay while a view is made from them.
	making  sync.Mutex
	dropped bool
}

// catchUp extends r if s has more.
func (v *View) catchUp(s *segment, r *viewRun) {
	done, _ := r.load()
	if have, _ := s.events.load(); done < have {
		v.extend(s, r)
	}
}

// extend brings r up to the events that s has now. Whoever comes first does the
// work; the others find it done.
func (v *View) extend(s *segment, r *viewRun) {
	if r.from != nil {
		v.of.catchUp(s, r.from)
	}
	r.making.Lock()
	defer r.making.Unlock()
	shown := v.make(s, r)
	if v.filter != nil && v.of == nil {
		v.filter.waking.advance(shown) // before making is unlocked: see Run
	}
}

// make returns the last sequence that it added something for; 0 if for none.
func (v *View) make(s *segment, r *viewRun) (shown uint64) {
	done, _ := r.load()
	have, _ := r.source.load()
	if r.dropped || done >= have {
		return 0
	}
	scratch := v.scratch.Get().(*[]byte) //nolint:errcheck // the pool holds nothing else
	defer v.scratch.Put(scratch)
	from := r.source.end(done)
	for i, to := range r.source.boundaries(done, have) {
		*scratch = (*scratch)[:0]
		sequence := s.first + uint64(done) + uint64(i)
		if to > from {
			event, ok := r.source.bytes(from, to)
			if !ok {
				break // the segment is being dropped, and the view it is made from was first
			}
			*scratch = v.transform(*scratch, sequence, event)
		}
		if len(*scratch) > 0 {
			shown = sequence
		}
		grown := r.append(*scratch)
		r.held.Add(int64(grown))
		v.log.charge(s, grown)
		from = to
	}
	return shown
}

func (r *viewRun) drop() {
	r.making.Lock()
	defer r.making.Unlock()
	r.dropped = true
	r.release()
}
