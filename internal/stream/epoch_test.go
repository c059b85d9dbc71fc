package stream

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestOneQuestionTellsTheEpochOfAllThatLandedBefore: an import settles thousands, one
// after another, and none of them may cost a question.
func TestOneQuestionTellsTheEpochOfAllThatLandedBefore(t *testing.T) {
	t.Parallel()
	questions := 0
	s := &Stream{}
	s.state = &question{ask: func(context.Context) (*State, error) {
		questions++
		state := &State{AskedAt: time.Now(), Epoch: "epoch"}
		s.epoch.confirm(state)
		return state, nil
	}}
	before := &State{AskedAt: time.Now().Add(-time.Second), Epoch: "epoch"}
	landed := time.Now()
	for sequence := range uint64(1000) {
		epoch, sure, err := s.EpochOf(t.Context(), Ack{Sequence: sequence + 1, before: before, landed: landed})
		if err != nil || !sure || epoch != "epoch" {
			t.Fatalf("sequence %d: got %s, sure: %v, %v", sequence+1, epoch, sure, err)
		}
	}
	if questions != 1 {
		t.Errorf("%d questions for 1000 acknowledgements", questions)
	}
	// The next lands later.
	if _, sure, err := s.EpochOf(t.Context(), Ack{Sequence: 1001, before: before, landed: time.Now()}); err != nil || !sure || questions != 2 {
		t.Errorf("sure: %v, %v, after %d questions", sure, err, questions)
	}
}

// TestEpochOfASequenceThatIsTooFar: none stores a message a microsecond.
func TestEpochOfASequenceThatIsTooFar(t *testing.T) {
	t.Parallel()
	before := &State{AskedAt: time.Now(), Epoch: "epoch"}
	landed := before.AskedAt.Add(100 * time.Microsecond)
	for sequence, want := range map[uint64]bool{1: false, 100: false, 101: true, 1 << 60: true} {
		if got := before.isBefore(Ack{Sequence: sequence, landed: landed}); got != want {
			t.Errorf("%d after 100 µs: %v, want %v", sequence, got, want)
		}
	}
}

// TestEpochThatCannotBeAsked has nobody to ask.
func TestEpochThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	s := &Stream{state: &question{ask: func(context.Context) (*State, error) { return nil, ErrAway }}}
	if epoch, sure, err := s.EpochOf(t.Context(), Ack{Sequence: 1, landed: time.Now()}); !errors.Is(err, ErrAway) || sure || epoch != "" {
		t.Errorf("got %q, sure: %v, %v", epoch, sure, err)
	}
	if epoch, sure, err := s.EpochOf(t.Context(), Ack{Sequence: 1, Epoch: "epoch"}); err != nil || !sure || epoch != "epoch" {
		t.Errorf("an epoch that is known: got %q, sure: %v, %v", epoch, sure, err)
	}
}

func TestNewerAnswerOfTheLeaderIsKept(t *testing.T) {
	t.Parallel()
	var e epoch
	older, newer := &State{AskedAt: time.Now()}, &State{AskedAt: time.Now().Add(time.Second)}
	for _, state := range []*State{older, newer, older} {
		e.confirm(state)
	}
	if e.confirmed.Load() != newer {
		t.Error("an older answer took its place")
	}
}
