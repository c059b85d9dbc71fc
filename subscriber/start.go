package subscriber

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
)

// errAway says that the stream's leader could not be asked, or that this source
// has not caught up with what it said.
var errAway = errors.New("the stream cannot be asked now")

// start returns the position after which the watch begins. The error is errAway
// while that can't be known, stream.ErrOtherEpoch if the position asked for belongs to
// an earlier incarnation.
func (w *watch) start(ctx context.Context) (after uint64, err error) {
	if position := w.request.GetAfter(); position != nil {
		return w.startAfter(ctx, position)
	}
	state, err := w.askCurrent(ctx)
	if err != nil {
		return 0, err
	}
	switch start := w.request.GetStart().(type) {
	case *contactv1.WatchPersonsRequest_All:
		return state.BeforeFirst(), nil
	case *contactv1.WatchPersonsRequest_Last:
		return w.startLast(ctx, state, uint64(start.Last))
	case *contactv1.WatchPersonsRequest_Since:
		return w.startSince(ctx, start.Since.AsTime())
	default:
		return state.Last, nil
	}
}

// startAfter resumes. The leader is asked only where the log can't tell: a
// thousand clients that come back at once cost JetStream nothing.
func (w *watch) startAfter(ctx context.Context, position *contactv1.Position) (uint64, error) {
	if position.GetEpoch() == w.current.epoch && position.GetSequence() <= w.current.log.Head() {
		return position.GetSequence(), nil
	}
	state, err := w.sub.stream.State(ctx)
	if err != nil {
		return 0, errAway
	}
	switch {
	case state.Epoch != w.current.epoch: // the source is about to find out
		return 0, errAway
	case state.Epoch != position.GetEpoch():
		return 0, stream.ErrOtherEpoch
	case position.GetSequence() > state.Last:
		return 0, connect.Errorf(connect.CodeInvalidArgument,
			"after.sequence: %d lies past the stream's last sequence, %d: resume from a position that a watch or a submission gave", position.GetSequence(), state.Last)
	}
	w.current.noteLast(state.Last)
	return position.GetSequence(), nil
}

// startLast counts back over what is stored, leaving out what was deleted.
func (w *watch) startLast(ctx context.Context, state *stream.State, n uint64) (uint64, error) {
	if n >= state.Messages {
		return state.BeforeFirst(), nil
	}
	if state.Deleted == 0 {
		return state.Last - n, nil
	}
	after, epoch, err := w.sub.stream.BeforeLast(ctx, n)
	if err != nil || epoch != w.current.epoch {
		return 0, errAway
	}
	return after, nil
}

// startSince finds the first message published at a time or later.
func (w *watch) startSince(ctx context.Context, since time.Time) (uint64, error) {
	if after, ok := w.current.log.Since(since.UnixNano()); ok {
		return after, nil
	}
	after, err := w.sub.stream.BeforeTime(ctx, since)
	if err != nil {
		return 0, errAway
	}
	if _, err := w.askCurrent(ctx); err != nil { // the same incarnation still
		return 0, err
	}
	return after, nil
}

// askCurrent asks the leader, and makes sure that it speaks of the incarnation
// that this watch is on.
func (w *watch) askCurrent(ctx context.Context) (*stream.State, error) {
	state, err := w.sub.stream.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	if state.Epoch != w.current.epoch {
		return nil, errAway
	}
	w.current.noteLast(state.Last)
	return state, nil
}
