package subscriber

import (
	"context"
	"slices"

	"rollcall/internal/stream"
	"rollcall/subscriber/fanout"
)

// known is what the leader said of the stream, with all that was deleted from it by
// then.
type known struct {
	*stream.State
	// deleted are the sequences of what is gone from inside the stream, in order.
	deleted []uint64
}

// hasLost reports whether the stream has no message of a sequence any more.
func (k *known) hasLost(sequence uint64) bool {
	return sequence <= k.BeforeFirst() || k.hasDeleted(sequence)
}

// hasDeleted reports whether the message was deleted from inside the stream.
func (k *known) hasDeleted(sequence uint64) bool {
	if len(k.deleted) == 0 || sequence > k.deleted[len(k.deleted)-1] {
		return false
	}
	_, found := slices.BinarySearch(k.deleted, sequence)
	return found
}

// with returns what is known once the leader has said more; false if it has to be
// asked which messages are deleted. What is deleted stays so: where their number is that
// of those that are known, they are these.
func (k *known) with(state *stream.State) (*known, bool) {
	if state.DeletedSequences != nil {
		return &known{state, state.DeletedSequences}, true
	}
	from, _ := slices.BinarySearch(k.deleted, state.First)
	deleted := k.deleted[from:]
	return &known{state, deleted}, state.Deleted == len(deleted)
}

// gone are the ranges of what is not stored, from a sequence on.
func (k *known) gone(from uint64) []fanout.Range {
	var ranges []fanout.Range
	if first := k.BeforeFirst() + 1; first > from {
		ranges = append(ranges, fanout.Range{First: from, Last: first - 1, Reason: fanout.NotRetained})
		from = first
	}
	begin, _ := slices.BinarySearch(k.deleted, from)
	for _, sequence := range k.deleted[begin:] {
		if last := len(ranges) - 1; last >= 0 && ranges[last].Reason == fanout.Deleted && ranges[last].Last+1 == sequence {
			ranges[last].Last = sequence
			continue
		}
		ranges = append(ranges, fanout.Range{First: sequence, Last: sequence, Reason: fanout.Deleted})
	}
	return ranges
}

// learn takes over what the leader says of an incarnation. What is gone from the stream
// is gone from the log when it returns what is known then, which is no older than the
// state. The error is stream.ErrOtherEpoch if the leader says it of another one.
func (s *source) learn(ctx context.Context, current *incarnation, state *stream.State) (*known, error) {
	if state.Epoch != current.epoch {
		return nil, stream.ErrOtherEpoch
	}
	next, ok := current.known.Load().with(state)
	if !ok {
		detailed, err := s.stream.StateWithDeleted(ctx)
		if err != nil {
			return nil, err
		}
		if detailed.Epoch != current.epoch {
			return nil, stream.ErrOtherEpoch
		}
		next, _ = current.known.Load().with(detailed)
	}
	s.appending.Lock()
	defer s.appending.Unlock()
	current.noteLast(next.Last)
	now := current.known.Load()
	if now.AskedAt.After(next.AskedAt) {
		return now, nil
	}
	current.known.Store(next)
	if current.outdated || now.BeforeFirst() != next.BeforeFirst() || len(now.deleted) != len(next.deleted) {
		current.log.Remove(next.gone(current.log.Base() + 1)...)
		current.outdated = false
	}
	return next, nil
}
