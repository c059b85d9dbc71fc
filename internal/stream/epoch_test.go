package stream

import (
	"context"
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
