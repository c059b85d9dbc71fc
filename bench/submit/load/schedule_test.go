package load

import (
	"testing"
	"time"
)

func TestScheduleFollowsItsRateAlone(t *testing.T) {
	t.Parallel()
	began := time.Unix(100, 0)
	s := &schedule{rate: 3}
	s.begin(began)
	if s.isDue(began.Add(-time.Nanosecond)) || !s.isDue(began) {
		t.Error("the first is not due at the beginning")
	}
	for range 7 {
		s.next()
	}
	// The eighth is due after two seconds and a third, without an error that adds up.
	if want := began.Add(2*time.Second + time.Second/3); !s.due().Equal(want) || s.isDue(want.Add(-time.Nanosecond)) {
		t.Errorf("due %s, want %s", s.due(), want)
	}
}
