package subscriber

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
)

// errAway says that the stream's leader could not be asked, or that this source
// has not caught up with what it said.
var errAway = errors.New("the stream cannot be asked now")

// start returns the position after which the watch begins. The error is errAway
// while that can't be known, errOtherEpoch if the position asked for belongs to
// an earlier incarnation.
func (w *watch) start(ctx context.Context) (after uint64, err error) {
	if position := w.request.GetAfter(); position != nil {
		return w.startAfter(ctx, position)
	}
	info, err := w.askCurrent(ctx)
	if err != nil {
		return 0, err
	}
	switch start := w.request.GetStart().(type) {
	case *contactv1.WatchPersonsRequest_All:
		return beforeFirst(info.State), nil
	case *contactv1.WatchPersonsRequest_Last:
		return w.startLast(ctx, info.State, uint64(start.Last))
	case *contactv1.WatchPersonsRequest_Since:
		return w.startSince(ctx, start.Since.AsTime())
	default:
		return info.State.LastSeq, nil
	}
}

// startAfter resumes. The leader is asked only where the log can't tell: a
// thousand clients that come back at once cost JetStream nothing.
func (w *watch) startAfter(ctx context.Context, position *contactv1.Position) (uint64, error) {
	if position.GetEpoch() == w.current.epoch && position.GetSequence() <= w.current.log.Head() {
		return position.GetSequence(), nil
	}
	info, err := w.sub.asking.info(ctx)
	if err != nil {
		return 0, errAway
	}
	epoch := stream.Epoch(info)
	switch {
	case epoch != w.current.epoch: // the source is about to find out
		return 0, errAway
	case epoch != position.GetEpoch():
		return 0, errOtherEpoch
	case position.GetSequence() > info.State.LastSeq:
		return 0, connect.Errorf(connect.CodeInvalidArgument,
			"after.sequence: %d lies past the stream's last sequence, %d: resume from a position that a watch or a submission gave", position.GetSequence(), info.State.LastSeq)
	}
	w.current.noteLast(info.State.LastSeq)
	return position.GetSequence(), nil
}

// startLast counts back over what is stored, leaving out what was deleted.
func (w *watch) startLast(ctx context.Context, st jetstream.StreamState, n uint64) (uint64, error) {
	if n >= st.Msgs {
		return beforeFirst(st), nil
	}
	if st.NumDeleted == 0 {
		return st.LastSeq - n, nil
	}
	info, err := ask(ctx, w.sub.js, w.sub.cfg.Stream, jetstream.WithDeletedDetails(true))
	if err != nil || stream.Epoch(info) != w.current.epoch {
		return 0, errAway
	}
	return beforeLast(info.State, n), nil
}

// beforeLast returns the position before the last n stored messages.
func beforeLast(st jetstream.StreamState, n uint64) uint64 {
	deleted := slices.Sorted(slices.Values(st.Deleted))
	sequence := st.LastSeq
	for ; n > 0 && sequence >= st.FirstSeq && sequence > 0; sequence-- {
		if _, gone := slices.BinarySearch(deleted, sequence); !gone {
			n--
		}
	}
	return sequence
}

// startSince finds the first message published at a time or later.
func (w *watch) startSince(ctx context.Context, since time.Time) (uint64, error) {
	if after, ok := w.current.log.Since(since.UnixNano()); ok {
		return after, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	// A consumer that starts by time knows the sequence before it delivers.
	consumer, err := w.sub.js.CreateConsumer(ctx, w.sub.cfg.Stream, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartTimePolicy,
		OptStartTime:      &since,
		AckPolicy:         jetstream.AckNonePolicy,
		Replicas:          1,
		MemoryStorage:     true,
		InactiveThreshold: askTimeout,
	})
	if err != nil {
		return 0, errAway
	}
	info := consumer.CachedInfo()
	if err := w.sub.js.DeleteConsumer(ctx, w.sub.cfg.Stream, info.Name); err != nil {
		w.sub.cfg.Logger.Debug("delete the consumer of a start by time", "error", err)
	}
	if _, err := w.askCurrent(ctx); err != nil { // the same incarnation still
		return 0, err
	}
	return info.Delivered.Stream, nil
}

// askCurrent asks the leader, and makes sure that it speaks of the incarnation
// that this watch is on.
func (w *watch) askCurrent(ctx context.Context) (*jetstream.StreamInfo, error) {
	info, err := w.sub.asking.info(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	if stream.Epoch(info) != w.current.epoch {
		return nil, errAway
	}
	w.current.noteLast(info.State.LastSeq)
	return info, nil
}

// beforeFirst returns the position before the first message that exists.
func beforeFirst(st jetstream.StreamState) uint64 {
	if st.Msgs == 0 {
		return st.LastSeq
	}
	return max(st.FirstSeq, 1) - 1
}
