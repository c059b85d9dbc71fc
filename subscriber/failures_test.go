package subscriber

import (
	"log/slog"
	"testing"

	"rollcall/internal/stream"
)

// TestFailuresOfAnIncarnationThatIsOverAreLetGo: with them its whole ring would stay in
// memory, for as long as somebody uses the filter.
func TestFailuresOfAnIncarnationThatIsOverAreLetGo(t *testing.T) {
	t.Parallel()
	shared, err := newFilters(1, DefaultFilterCost, slog.New(slog.DiscardHandler)).acquire("true")
	if err != nil {
		t.Fatal(err)
	}
	var before *incarnation
	for _, epoch := range []string{"first", "second", "third"} {
		current := newIncarnation(&stream.State{Epoch: epoch}, 0, 1<<10)
		if before != nil {
			before.log.Close(stream.ErrOtherEpoch)
		}
		shared.failuresIn(current).add(1)
		if got := shared.failuresIn(current).between(0, 1); len(shared.failures) != 1 || got != 1 {
			t.Errorf("in the %s epoch %d incarnations are held, with %d failures in this one", epoch, len(shared.failures), got)
		}
		before = current
	}
	before.log.Close(stream.ErrOtherEpoch)
}
