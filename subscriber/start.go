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

// refusalPatience is how long the leader is asked before a position is refused that lies
// past the last of a stream with replicas.
const refusalPatience = time.Second

// start returns the position after which the watch begins. The error is errAway
// while that can't be known, stream.ErrOtherEpoch if the position asked for belongs to
// an earlier incarnation.
func (w *watch) start(ctx context.Context) (after uint64, err error) {
	if position := w.request.GetAfter(); position != nil {
		return w.startAfter(ctx, position)
	}
	known, err := w.askCurrent(ctx)
	if err != nil {
		return 0, err
	}
	switch start := w.request.GetStart().(type) {
	case *contactv1.WatchPersonsRequest_All:
		return known.BeforeFirst(), nil
	case *contactv1.WatchPersonsRequest_Last:
		return known.BeforeLast(uint64(start.Last), known.deleted), nil
	case *contactv1.WatchPersonsRequest_Since:
		return w.startSince(ctx, known, start.Since.AsTime())
	default:
		return known.Last, nil
	}
}

// startAfter resumes. The leader is asked only where the log can't tell: a
// thousand clients that come back at once cost JetStream nothing.
func (w *watch) startAfter(ctx context.Context, position *contactv1.Position) (uint64, error) {
	if position.GetEpoch() == w.current.epoch && position.GetSequence() <= w.current.log.Head() {
		return position.GetSequence(), nil
	}
	for asked := time.Now(); ; pause(ctx, retryInterval) {
		state, err := w.sub.stream.State(ctx)
		if err != nil {
			return 0, errAway
		}
		switch {
		case state.Epoch != w.current.epoch: // the source is about to find out
			return 0, errAway
		case state.Epoch != position.GetEpoch():
			return 0, stream.ErrOtherEpoch
		case position.GetSequence() <= state.Last || state.IsMirror():
			w.current.noteLast(state.Last)
			return position.GetSequence(), nil
		// A new leader takes a moment to apply what was acknowledged.
		case state.Replicas == 1 || time.Since(asked) >= refusalPatience:
			return 0, connect.Errorf(connect.CodeInvalidArgument,
				"after.sequence: %d lies past the stream's last sequence, %d: resume from a position that a watch or a submission gave", position.GetSequence(), state.Last)
		}
	}
}

// startSince finds the first message published at a time or later.
func (w *watch) startSince(ctx context.Context, known *known, since time.Time) (uint64, error) {
	if after, ok := w.current.log.Since(since.UnixNano()); ok {
		return max(after, known.BeforeFirst()), nil
	}
	after := known.Last
	switch first, err := w.sub.stream.FirstSince(ctx, since); {
	case err == nil:
		after = first.Sequence - 1
	case !errors.Is(err, stream.ErrNotStored):
		return 0, fmt.Errorf("%w: %w", errAway, err)
	}
	_, err := w.askCurrent(ctx) // the same incarnation still
	return after, err
}

// askCurrent asks the leader, and makes sure that it speaks of the incarnation
// that this watch is on. What is gone from the stream by then is gone from the log.
func (w *watch) askCurrent(ctx context.Context) (*known, error) {
	state, err := w.sub.stream.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	known, err := w.sub.source.learn(ctx, w.current, state)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", errAway, err) //nolint:errorlint // another epoch is the source's to find out
	}
	return known, nil
}
