package load

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// shortestTick bounds how often the poller is woken: at higher rates several requests
// are due at once.
const shortestTick = 200 * time.Microsecond

// schedule says when requests are due, at a rate that does not follow the answers.
type schedule struct {
	rate  int64
	timer int // wakes the poller
	tick  time.Duration

	began time.Time
	count int64
}

func newSchedule(rate int) (*schedule, error) {
	timer, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("make a timer: %w", err)
	}
	s := &schedule{rate: int64(rate), timer: timer, tick: max(time.Second/time.Duration(rate), shortestTick)}
	every := unix.NsecToTimespec(s.tick.Nanoseconds())
	if err := unix.TimerfdSettime(timer, 0, &unix.ItimerSpec{Interval: every, Value: every}, nil); err != nil {
		return nil, fmt.Errorf("set a timer: %w", err)
	}
	return s, nil
}

func (s *schedule) begin(now time.Time) { s.began = now }

// isDue reports whether the next is.
func (s *schedule) isDue(now time.Time) bool { return !s.due().After(now) }

func (s *schedule) due() time.Time {
	whole, part := s.count/s.rate, s.count%s.rate
	return s.began.Add(time.Duration(whole)*time.Second + time.Duration(part)*time.Second/time.Duration(s.rate))
}

// next returns when the next was due, and goes on to the one after it.
func (s *schedule) next() time.Time {
	due := s.due()
	s.count++
	return due
}

// ticked makes the timer quiet until its next tick.
func (s *schedule) ticked() {
	var expirations [8]byte
	_, _ = unix.Read(s.timer, expirations[:]) // that it has ticked is all there is to know
}
