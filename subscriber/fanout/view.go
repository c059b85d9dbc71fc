package fanout

import "sync"

// Transform appends what a view shows of one event to dst and returns it; dst as
// it was leaves the event out. It must not keep either slice.
type Transform func(dst, event []byte) []byte

// View is a log in other bytes. Cursors of one view share what is made.
type View struct {
	log       *Log
	transform Transform
	scratch   sync.Pool
}

// NewView returns the log as transform shows it.
func (l *Log) NewView(transform Transform) *View {
	return &View{log: l, transform: transform, scratch: sync.Pool{New: func() any { return new([]byte) }}}
}

// viewRun is a segment's events in a view's bytes.
type viewRun struct {
	run
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
	r.making.Lock()
	defer r.making.Unlock()
	done, _ := r.load()
	have, _ := s.events.load()
	if r.dropped || done >= have {
		return
	}
	scratch := v.scratch.Get().(*[]byte) //nolint:errcheck // the pool holds nothing else
	defer v.scratch.Put(scratch)
	from := s.events.end(done)
	for _, to := range s.events.boundaries(done, have) {
		event, _ := s.events.bytes(from, to)
		*scratch = v.transform((*scratch)[:0], event)
		v.log.charge(s, r.append(*scratch))
		from = to
	}
}

func (r *viewRun) drop() {
	r.making.Lock()
	defer r.making.Unlock()
	r.dropped = true
	r.release()
}
