package subscriber

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/internal/stream"
)

const (
	// replayBatch is how many messages a replay may have under way from JetStream.
	replayBatch = 512
	// replayBytes is about how much a replay reads before it sends.
	replayBytes = 256 << 10
)

// replay sends from JetStream what follows the watch, up to the ring or as much as
// a turn reads. It returns nil to be followed by another look at the ring.
func (w *watch) replay(ctx context.Context) error {
	if err := w.current.log.Err(); err != nil {
		return err
	}
	pieces, err := w.readTurn(ctx)
	if err := w.sendPieces(pieces); err != nil {
		return err
	}
	if err := w.progressIfDue(); err != nil { // a filter may have left out all
		return err
	}
	if err == nil || errors.Is(err, errStopping) || errors.Is(err, errSend) || ctx.Err() != nil {
		return err
	}
	// JetStream can't be read now; the watch goes on when the source can.
	return w.await(ctx, retryInterval)
}

// readTurn reads one turn. Its place among the few that may read at a time is
// given back before anything is sent, so that slow clients keep none.
func (w *watch) readTurn(ctx context.Context) ([]piece, error) {
	if err := w.awaitTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-w.sub.replays }()
	t := turn{encoding: w.encoding, epoch: w.current.epoch, filter: w.filter, failures: w.failures, known: w.current.known.Load(), next: w.after + 1, through: w.current.log.Base()}
	err := w.fill(ctx, &t)
	w.patience.after(err, len(t.pieces) > 0)
	if err == nil && !t.full() {
		err = w.finish(ctx, &t)
	}
	return w.withReasons(ctx, t.pieces, err)
}

// fill reads what is stored, until the turn is full. After an error what was read is
// sent all the same.
func (w *watch) fill(ctx context.Context, t *turn) error {
	if !w.sub.source.opensReaders() {
		return w.fillFromExcerpt(ctx, t)
	}
	r, err := w.sub.stream.OpenReader(ctx, w.current.epoch, t.next, replayBatch)
	if stream.Passing(err) && w.sub.stream.Connected() {
		if err = w.fillFromExcerpt(ctx, t); err == nil {
			w.sub.source.noteNoReaders()
		}
		return err
	}
	if err != nil {
		return err
	}
	defer r.Close(ctx)
	for left := r.Pending(); left > 0 && !t.full(); {
		var m stream.Message
		if m, left, err = w.nextOf(ctx, r); err != nil {
			return err
		}
		t.add(m)
	}
	return nil
}

// awaitTurn waits until few enough others read, with progress meanwhile.
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

// nextOf waits for the reader's next message, with progress when it is due. It
// gives up on a reader whose stream is gone, or that is silent for too long.
func (w *watch) nextOf(ctx context.Context, r *stream.Reader) (stream.Message, uint64, error) {
	for begun := time.Now(); ; {
		if w.sub.isStopping() {
			return stream.Message{}, 0, errStopping
		}
		waiting, cancel := context.WithTimeout(ctx, retryInterval)
		m, left, err := r.Next(waiting)
		late := waiting.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil || !late {
			return m, left, err
		}
		now := w.sub.source.now()
		switch {
		case !now.connected || now.current != w.current:
			return stream.Message{}, 0, errAway
		case time.Since(begun) > w.patience.length():
			return stream.Message{}, 0, errSilent
		}
		if err := w.progressIfDue(); err != nil {
			return stream.Message{}, 0, err
		}
	}
}

// finish says what is gone between the last stored message and the ring. The
// reader's word is not enough: it may speak for a replica that is behind.
func (w *watch) finish(ctx context.Context, t *turn) error {
	first, err := w.sub.stream.FirstFrom(ctx, t.next)
	switch {
	case errors.Is(err, stream.ErrNotStored):
		t.gone(t.through)
	case err != nil:
		return fmt.Errorf("look for what is left before the ring: %w", err)
	case first.Sequence > t.next:
		t.gone(min(first.Sequence-1, t.through))
	}
	return nil
}

// withReasons asks why what is gone is gone, and that the stream is still the one
// that was read. Without an answer nothing is said to be gone.
func (w *watch) withReasons(ctx context.Context, pieces []piece, err error) ([]piece, error) {
	for i, p := range pieces {
		if p.events != nil {
			continue
		}
		known, askErr := w.askCurrent(ctx)
		if askErr != nil {
			return pieces[:i], errors.Join(err, askErr)
		}
		for ; i < len(pieces); i++ {
			pieces[i].keptFrom = known.First
		}
		break
	}
	return pieces, err
}

// sendPieces sends a turn in order.
func (w *watch) sendPieces(pieces []piece) error {
	for _, p := range pieces {
		if p.events == nil {
			if err := w.sendGaps(gaps(p.first, p.last, p.keptFrom)); err != nil {
				return err
			}
			continue
		}
		if err := w.sendEvents(p.events); err != nil {
			return err
		}
		w.after = p.last
	}
	return nil
}

// piece is a range of sequences: encoded events, or what is gone.
type piece struct {
	first, last uint64
	// events is nil for what is gone, and empty where a filter shows none.
	events []byte
	// keptFrom is, for what is gone, the first sequence the stream keeps.
	keptFrom uint64
}

// turn is what a replay reads before it sends, without a hole: from next on, up to
// through.
type turn struct {
	encoding      encoding
	epoch         string
	filter        *sharedFilter
	failures      *failures // of the filter
	known         *known
	next, through uint64
	bytes         int
	pieces        []piece
	event, json   []byte // of the last message taken
}

// full reports whether the turn is over.
func (t *turn) full() bool { return t.next > t.through || t.bytes >= replayBytes }

// add takes the next message that is stored. One that is known to be gone comes from a
// replica that is behind.
func (t *turn) add(m stream.Message) {
	if t.known.hasLost(m.Sequence) {
		return
	}
	t.gone(m.Sequence - 1)
	if len(t.pieces) == 0 || t.pieces[len(t.pieces)-1].events == nil {
		t.pieces = append(t.pieces, piece{first: m.Sequence, events: []byte{}})
	}
	p := &t.pieces[len(t.pieces)-1]
	t.event = appendEvent(t.event[:0], m)
	t.bytes += len(t.event) // what is read counts, whether it is shown or not
	if t.filter == nil || t.filter.shows(t.event, t.failures) {
		p.events = t.appendEvent(p.events, m.Sequence)
	}
	p.last, t.next = m.Sequence, m.Sequence+1
}

// appendEvent appends the last event in the same bytes as the views have.
func (t *turn) appendEvent(dst []byte, sequence uint64) []byte {
	if t.encoding == inBinary {
		return append(dst, t.event...)
	}
	t.json = appendJSON(t.json[:0], t.event)
	switch t.encoding {
	case inSSE:
		return appendSSE(dst, t.epoch, sequence, t.json)
	case inNDJSON:
		return appendNDJSON(dst, t.json)
	default:
		return append(dst, t.json...)
	}
}

// gone takes it that nothing is stored up to last.
func (t *turn) gone(last uint64) {
	if last < t.next {
		return
	}
	t.pieces = append(t.pieces, piece{first: t.next, last: last})
	t.next = last + 1
}
