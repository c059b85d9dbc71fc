package subscriber

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

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
		info, err := ask(ctx, s.js, s.name)
		switch {
		case err != nil:
			end(err)
		case stream.Epoch(info) != current.epoch, info.State.LastSeq < before:
			end(errOtherEpoch) // the next session finds out which
		default:
			current.noteLast(info.State.LastSeq)
			s.heard.Store(&heard{info: info, at: time.Now()})
			if err := s.sayDeletedEnd(ctx, current, before, info.State.LastSeq); err != nil {
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
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	_, err := stream.FirstFrom(ctx, s.nc, s.name, sequence)
	if errors.Is(err, stream.ErrNotStored) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a message from sequence %d on: %w", sequence, err)
	}
	return true, nil
}

// lossLooks is how often the source looks before it says that the stream is
// behind what was read from it: a new leader may take a moment to apply what was
// committed.
const lossLooks = 4

// confirmLoss returns a dataLossError as lost if the stream stays behind.
func (s *source) confirmLoss(ctx context.Context, current *incarnation, info *jetstream.StreamInfo) (lost, err error) {
	for look := 1; info.State.LastSeq < current.log.Head() && stream.Epoch(info) == current.epoch; look++ {
		if look == lossLooks {
			return dataLossError{read: current.log.Head(), last: info.State.LastSeq}, nil
		}
		pause(ctx, checkInterval)
		if info, err = ask(ctx, s.js, s.name); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
