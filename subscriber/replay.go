package subscriber

import (
	"context"
	"errors"
	"fmt"

	"rollcall/internal/stream"
)

const (
	// replayBatch is how many messages a replay may have under way from JetStream.
	replayBatch = 512
	// replayBytes is how much a replay gathers before it sends.
	replayBytes = 32 << 10
)

// replay sends from JetStream what lies between the watch and the ring. It
// returns nil when the ring reaches the watch, or to be called again.
func (w *watch) replay(ctx context.Context) error {
	if err := w.current.log.Err(); err != nil {
		return err //nolint:wrapcheck // the caller acts on it
	}
	if err := w.awaitTurn(ctx); err != nil {
		return err
	}
	defer func() { <-w.sub.replays }()

	if err := w.sayUnretained(ctx); err != nil {
		return w.outside(ctx, err)
	}
	r, err := openReader(ctx, w.sub.js, w.sub.cfg.Stream, w.current.epoch, w.after+1, replayBatch)
	if err != nil {
		return w.outside(ctx, err)
	}
	defer r.close(ctx)

	left := r.pending
	for w.after+uint64(w.unsent.count) < w.current.log.Base() {
		if left == 0 { // nothing more is stored before the ring
			return w.sayGone(ctx, w.current.log.Base())
		}
		if left, err = w.replayNext(ctx, r); err != nil {
			return w.outside(ctx, errors.Join(err, w.flush()))
		}
	}
	return w.flush()
}

// awaitTurn waits until few enough others replay, with progress meanwhile.
func (w *watch) awaitTurn(ctx context.Context) error {
	for {
		select {
		case w.sub.replays <- struct{}{}:
			return nil
		case <-w.tick.C:
			if err := w.sendDueProgress(); err != nil {
				return err
			}
		case <-w.sub.stopping:
			return errStopping
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// replayNext takes one message, or sends progress if none comes.
func (w *watch) replayNext(ctx context.Context, r *reader) (left uint64, err error) {
	if w.sub.isStopping() {
		return 0, errStopping
	}
	waiting, cancel := context.WithTimeout(ctx, retryInterval)
	defer cancel()
	m, left, err := r.next(waiting)
	if err != nil {
		return 0, err
	}
	if expected := w.after + uint64(w.unsent.count) + 1; m.sequence > expected {
		if err := w.sayGone(ctx, m.sequence-1); err != nil {
			return 0, err
		}
	}
	w.unsent.add(m)
	if left == 0 || len(w.unsent.bytes) >= replayBytes {
		err = w.flush()
	}
	return left, err
}

// outside sees to an error that JetStream gave: the watch goes on when the source
// is there again.
func (w *watch) outside(ctx context.Context, err error) error {
	if errors.Is(err, errSend) || errors.Is(err, errStopping) || ctx.Err() != nil {
		return err
	}
	return w.await(ctx, retryInterval)
}

// sayUnretained says at once what lies before the first message that is kept.
func (w *watch) sayUnretained(ctx context.Context) error {
	info, err := w.askCurrent(ctx)
	if err != nil {
		return err
	}
	last := min(beforeFirst(info.State), w.current.log.Base())
	if w.after >= last {
		return nil
	}
	return w.sendGaps(gaps(w.after+1, last, info.State.FirstSeq))
}

// sayGone says that everything up to last is gone.
func (w *watch) sayGone(ctx context.Context, last uint64) error {
	if err := w.flush(); err != nil {
		return err
	}
	info, err := ask(ctx, w.sub.js, w.sub.cfg.Stream)
	if err != nil {
		return err
	}
	if stream.Epoch(info) != w.current.epoch {
		return errOtherEpoch
	}
	return w.sendGaps(gaps(w.after+1, last, info.State.FirstSeq))
}

// flush sends what was gathered.
func (w *watch) flush() error {
	if w.unsent.count == 0 {
		return nil
	}
	last := w.after + uint64(w.unsent.count)
	if err := w.sendEvents(w.unsent.bytes); err != nil {
		return fmt.Errorf("replay up to sequence %d: %w", last, err)
	}
	w.after = last
	w.unsent.reset()
	return nil
}

// gathered is encoded events that follow the watch's position without a gap.
type gathered struct {
	json  bool
	bytes []byte
	event []byte
	count uint32
}

func (g *gathered) add(m message) {
	g.count++
	if !g.json {
		g.bytes = appendEvent(g.bytes, m)
		return
	}
	g.event = appendEvent(g.event[:0], m)
	g.bytes = appendJSON(g.bytes, g.event)
}

func (g *gathered) reset() { g.bytes, g.count = g.bytes[:0], 0 }
