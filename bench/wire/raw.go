package wire

import "rollcall/bench/payload"

// raw reads payloads one after another; a line break before them says that they
// will come.
type raw struct {
	cutter

	watcher Watcher
	ready   bool
}

// NewRaw reads from a server without a protocol.
func NewRaw(w Watcher) Reader {
	r := &raw{watcher: w}
	r.format = r
	return r
}

func (r *raw) Open() []byte { return []byte("\n") }

func (r *raw) Ready() bool { return r.ready }

func (r *raw) Feed(piece []byte) ([]byte, error) { return nil, r.feed(piece) }

func (r *raw) size([]byte) (int, error) {
	if !r.ready {
		return len("\n"), nil
	}
	return payload.Size, nil
}

func (r *raw) item(whole []byte) error {
	if !r.ready {
		r.ready = true
		return nil
	}
	return stamped(r.watcher, whole)
}
