package subscriber

import (
	"cmp"
	"context"
	"time"

	"rollcall/internal/stream"
)

const (
	// excerptBytes is about how much the source reads at a time without a reader.
	excerptBytes = 1 << 20
	// readerPause is how long others do without readers once one could not be opened soon.
	readerPause = 3 * time.Second
)

// openReader opens the reader. Where that takes long, as in a cluster that elects, what
// comes meanwhile is read without one; begin is called once that is so.
func (s *source) openReader(ctx context.Context, current *incarnation, begin func()) (*stream.Reader, error) {
	type opened struct {
		reader *stream.Reader
		err    error
	}
	opening := make(chan opened, 1)
	open := func() {
		r, err := s.stream.OpenReader(ctx, current.epoch, current.log.Head()+1, sourceBatch)
		opening <- opened{r, err}
	}
	go open()
	ticker := time.NewTicker(retryInterval)
	defer ticker.Stop()
	for readsOn := false; ; {
		select {
		case o := <-opening:
			switch {
			case o.err == nil:
				return o.reader, nil
			case !readsOn || !stream.Passing(o.err) || ctx.Err() != nil:
				return nil, cmp.Or(context.Cause(ctx), o.err)
			}
			go open()
		case <-ticker.C:
			if readsOn = s.readExcerpt(ctx, current) == nil; readsOn {
				s.noteNoReaders()
				begin()
			}
		}
	}
}

func (s *source) noteNoReaders() { s.noReaders.Store(time.Now().Add(readerPause).UnixNano()) }

// opensReaders reports whether it makes sense to open a reader now.
func (s *source) opensReaders() bool { return time.Now().UnixNano() > s.noReaders.Load() }

// readExcerpt appends what there is, without a reader.
func (s *source) readExcerpt(ctx context.Context, current *incarnation) error {
	excerpt, err := s.stream.Excerpt(ctx, current.log.Head()+1, sourceBatch, excerptBytes)
	if err != nil {
		return err
	}
	after, err := s.stream.State(ctx) // the epoch before is the session's
	if err != nil {
		return err
	}
	if after.Epoch != current.epoch {
		return stream.ErrOtherEpoch
	}
	for _, m := range excerpt {
		if err := s.append(ctx, current, m); err != nil {
			return err
		}
	}
	s.noteReady(current)
	return nil
}

// fillFromExcerpt is fill while no reader can be opened.
func (w *watch) fillFromExcerpt(ctx context.Context, t *turn) error {
	for !t.full() {
		excerpt, err := w.sub.stream.Excerpt(ctx, t.next, replayBatch, replayBytes)
		if err != nil {
			return err
		}
		state, err := w.sub.stream.State(ctx)
		if err != nil {
			return err
		}
		if state.Epoch != w.current.epoch {
			return stream.ErrOtherEpoch
		}
		if len(excerpt) == 0 {
			return nil
		}
		for _, m := range excerpt {
			t.add(m)
		}
	}
	return nil
}
