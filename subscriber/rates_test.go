package subscriber

import (
	"slices"
	"testing"
)

func TestRatesRememberTheLastSeconds(t *testing.T) {
	t.Parallel()
	var r rates
	if got := r.seconds(); len(got) != 0 {
		t.Errorf("before the first second: %v", got)
	}
	for second := range 2 * rateSeconds {
		for range second % 7 {
			r.count()
		}
		r.tick()
	}
	want := make([]uint32, rateSeconds)
	for i := range want {
		want[i] = uint32((rateSeconds + i) % 7)
	}
	if got := r.seconds(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
