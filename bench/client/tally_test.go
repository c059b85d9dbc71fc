package client

import (
	"sync/atomic"
	"testing"
	"time"

	"rollcall/bench/measure"
)

func TestTally(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		saw                      []uint64
		lost, disordered, counts int64
	}{
		"all":     {saw: []uint64{1, 2, 3, 4}, counts: 4},
		"nothing": {lost: 4},
		"a hole":  {saw: []uint64{1, 4}, lost: 2, counts: 2},
		"no end":  {saw: []uint64{1, 2}, lost: 2, counts: 2},
		"twice":   {saw: []uint64{1, 2, 2, 3, 4}, disordered: 1, counts: 4},
		"swapped": {saw: []uint64{1, 3, 2, 4}, lost: 1, disordered: 1, counts: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var measuring atomic.Bool
			w := tally{next: 1, shared: &shared{every: 1, measuring: &measuring}}
			for _, sequence := range test.saw {
				w.Saw(sequence)
			}
			if w.lost(4) != test.lost || w.disordered != test.disordered || w.shared.deliveries != test.counts {
				t.Errorf("lost %d, disordered %d, deliveries %d", w.lost(4), w.disordered, w.shared.deliveries)
			}
		})
	}
}

func TestTallyTimesSomeWhileMeasuring(t *testing.T) {
	t.Parallel()
	var measuring atomic.Bool
	w := tally{next: 1, shared: &shared{every: 3, measuring: &measuring, times: measure.NewHistogram(), received: time.Unix(1, 0)}}
	if w.Saw(1) || w.Saw(2) || w.Saw(3) {
		t.Error("a time is wanted before the measuring began")
	}
	measuring.Store(true)
	if w.Saw(4) || w.Saw(5) || !w.Saw(6) {
		t.Error("it is not every third whose time is wanted")
	}
	w.Sample(time.Unix(1, 0).Add(-5 * time.Millisecond).UnixNano())
	if got := w.shared.times.Quantile(1); got < 5*time.Millisecond || got > 6*time.Millisecond {
		t.Errorf("took %s, want 5ms", got)
	}
}
