package subscriber

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/internal/stream"
)

// checkInterval is how often the source asks the leader how the stream is:
// messages deleted at its end, and a stream made anew, send no message.
const checkInterval = time.Second

// dataLossError says that the stream fell behind what was read from it.
type dataLossError struct{ read, last uint64 }

func (e dataLossError) Error() string {
	return fmt.Sprintf("the stream's last sequence is %d, but %d was read from it under the same epoch: messages were lost, or an old copy was restored without a new epoch", e.last, e.read)
}

// check looks after what sends no message, and ends the session when the stream
// is not what was read any more.
func (s *source) check(ctx context.Context, current *incarnation, end context.CancelCauseFunc) {
	for ctx.Err() == nil {
		before := current.log.Head()
		state, err := s.stream.State(ctx)
		switch {
		case err != nil:
			end(err)
		case state.Epoch != current.epoch, state.Last < before:
			end(stream.ErrOtherEpoch) // the next session finds out which
		default:
			current.noteLast(state.Last)
			s.found.Store(state)
			s.settings.Look(state)
			if err := s.sayDeletedEnd(ctx, current, before, state.Last); err != nil {
				end(err)
			}
		}
		pause(ctx, checkInterval)
	}
}

// sayDeletedEnd appends a gap if nothing is left of the stream after head. A
// message that is on its way all the same is then passed over.
func (s *source) sayDeletedEnd(ctx context.Context, current *incarnation, head, last uint64) error {
	if last <= head {
		return nil
	}
	left, err := s.anyFrom(ctx, head+1)
	if err != nil || left {
		return err
	}
	s.appending.Lock()
	defer s.appending.Unlock()
	if current.log.Head() != head {
		return nil
	}
	if err := s.appendGap(ctx, current, last); err != nil {
		return err
	}
	s.noteReady(current)
	return nil
}

// anyFrom reports whether the stream has a message at a sequence or later.
func (s *source) anyFrom(ctx context.Context, sequence uint64) (bool, error) {
	_, err := s.stream.FirstFrom(ctx, sequence)
	if errors.Is(err, stream.ErrNotStored) {
		return false, nil
	}
	return err == nil, err
}

// lossLooks is how often the source looks before it says that the stream is
// behind what was read from it: a new leader may take a moment to apply what was
// committed.
const lossLooks = 4

// confirmLoss returns a dataLossError as lost if the stream stays behind.
func (s *source) confirmLoss(ctx context.Context, current *incarnation, state *stream.State) (lost, err error) {
	for look := 1; state.Last < current.log.Head() && state.Epoch == current.epoch; look++ {
		if look == lossLooks {
			return dataLossError{read: current.log.Head(), last: state.Last}, nil
		}
		pause(ctx, checkInterval)
		if state, err = s.stream.State(ctx); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
