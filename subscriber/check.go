package subscriber

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/internal/stream"
)

const (
	// checkInterval is how often the source asks the leader how the stream is: messages
	// deleted, and a stream made anew, send no message.
	checkInterval = time.Second
	// owedInterval is how often while the reader has not given what there is.
	owedInterval = 500 * time.Millisecond
	// lossPatience is how long the stream may be behind what was read from it before that
	// counts as a loss: a new leader takes a moment to apply what was committed, and
	// replicas may be ahead of any.
	lossPatience = 3 * time.Second
)

var (
	// errBehind says that the stream is behind what was read from it, which may pass.
	errBehind = errors.New("the stream is behind what was read from it")
	// errSilent says that a reader gives nothing though the stream has something.
	errSilent = errors.New("nothing comes from the stream, though there is something")
)

// dataLossError says that the stream fell behind what was read from it.
type dataLossError struct{ read, last uint64 }

func (e dataLossError) Error() string {
	return fmt.Sprintf("the stream's last sequence is %d, but %d was read from it under the same epoch: messages were lost, or an old copy was restored without a new epoch", e.last, e.read)
}

// check looks after what sends no message, and ends the session when the stream
// is not what was read any more.
func (s *source) check(ctx context.Context, current *incarnation, end context.CancelCauseFunc) {
	begun := current.log.Head()
	var owed debt
	for ctx.Err() == nil {
		interval := checkInterval
		switch err := s.look(ctx, current, &owed); {
		case err != nil:
			s.patience.after(err, current.log.Head() > begun)
			end(err)
		case owed.exists():
			interval = owedInterval
		}
		pause(ctx, interval)
	}
}

// look asks the leader once, and takes over what it says.
func (s *source) look(ctx context.Context, current *incarnation, owed *debt) error {
	before := current.log.Head()
	state, err := s.stream.State(ctx)
	if err != nil {
		return err
	}
	s.settings.Look(state)
	if err := s.settings.Forbidden(); err != nil {
		return err
	}
	if state.Epoch != current.epoch {
		return stream.ErrOtherEpoch
	}
	if err := s.compare(before, state); err != nil {
		if errors.Is(err, errBehind) {
			return nil
		}
		return err
	}
	known, err := s.learn(ctx, current, state)
	if err != nil {
		return err
	}
	s.found.Store(known.State)
	if err := s.sayDeletedEnd(ctx, current, before, known.Last); err != nil {
		return err
	}
	if owed.since(current.log.Head(), known.Last, time.Now()) >= s.patience.length() {
		return errSilent
	}
	return nil
}

// compare is errBehind while the stream is behind what was read from it, which a mirror
// may always be; a dataLossError once that has lasted.
func (s *source) compare(read uint64, state *stream.State) error {
	switch {
	case state.Last >= read:
		s.behind = time.Time{}
		return nil
	case s.behind.IsZero():
		s.behind = state.AskedAt
	}
	if state.IsMirror() || time.Since(s.behind) < lossPatience {
		return errBehind
	}
	return dataLossError{read: read, last: state.Last}
}

// debt is what a reader has not given though the stream has it.
type debt struct {
	head  uint64
	begun time.Time // zero for no debt
}

func (d *debt) exists() bool { return !d.begun.IsZero() }

// since returns for how long the log has stood at the same head though the stream goes
// on after it.
func (d *debt) since(head, last uint64, now time.Time) time.Duration {
	switch {
	case last <= head:
		d.begun = time.Time{}
		return 0
	case d.begun.IsZero() || d.head != head:
		d.head, d.begun = head, now
	}
	return now.Sub(d.begun)
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
