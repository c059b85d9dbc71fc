package load

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"rollcall/bench/client"
	"rollcall/bench/measure"
)

const (
	readBuffer = 64 << 10
	pollEvents = 256
	// pollMilliseconds is how long a quiet poller takes to see that it shall stop.
	pollMilliseconds = 50
	look             = 5 * time.Millisecond
	openTimeout      = 30 * time.Second
)

// Submissions is a load of single submissions, at most one at a time on each
// connection.
type Submissions struct {
	Address  string
	Encoding string
	// Keyed requests have an idempotency key each.
	Keyed bool
	// Plain is a server that says ok to whatever it gets.
	Plain       bool
	Connections int
	// Rate is how many are due a second; 0 sends the next as soon as the last is
	// answered.
	Rate int
	// Patient requests wait for a connection when none is free. Others are not sent.
	Patient bool
	// Watched submissions are watched for as events.
	Watched bool
}

// submitting makes such a load with one goroutine, one buffer and one poller: a
// goroutine a connection would cost the server's cores more than what it sends.
type submitting struct {
	Submissions

	request  *request
	confirms confirms
	epoll    int
	buf      []byte
	stopped  chan struct{}

	mu          sync.Mutex // held while there is something to do
	connections []*connection
	// free are those without a request under way.
	free     chan *connection
	schedule *schedule // nil without a rate
	watch    *watch    // nil for none

	sending, measuring, stopping bool
	sent                         uint64
	result                       Result
}

func newSubmitting(what Submissions) (*submitting, error) {
	s := &submitting{
		Submissions: what, confirms: confirming(what.Encoding, what.Plain),
		buf: make([]byte, readBuffer), stopped: make(chan struct{}), free: make(chan *connection, what.Connections),
		result: Result{Accepted: measure.NewHistogram(), Refusals: measure.NewHistogram(), Late: measure.NewHistogram(), Events: measure.NewHistogram()},
	}
	var err error
	if s.request, err = newRequest(what.Encoding, what.Keyed); err != nil {
		return nil, err
	}
	if s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("set up epoll: %w", err)
	}
	for range what.Connections {
		if err := s.connect(); err != nil {
			return nil, err
		}
	}
	if what.Rate > 0 {
		if s.schedule, err = newSchedule(what.Rate); err != nil {
			return nil, err
		}
		if err := s.poll(s.schedule.timer, ofSchedule); err != nil {
			return nil, err
		}
	}
	if what.Watched {
		if s.watch, err = newWatch(what.Address, s.result.Events); err != nil {
			return nil, err
		}
		if err := s.poll(s.watch.socket, ofWatch); err != nil {
			return nil, err
		}
	}
	go s.run()
	if err := s.awaitWatch(); err != nil {
		return s, err
	}
	return s, nil
}

// What is polled beside the connections, which are polled by their places.
const (
	ofSchedule = -1
	ofWatch    = -2
)

func (s *submitting) poll(descriptor, what int) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(what)} //nolint:gosec // it is ours to choose
	if err := unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, descriptor, &event); err != nil {
		return fmt.Errorf("poll a connection: %w", err)
	}
	return nil
}

func (s *submitting) connect() error {
	socket, err := client.Dial(s.Address, 0)
	if err != nil {
		return err
	}
	c := newConnection(socket, s)
	s.connections = append(s.connections, c)
	s.free <- c
	return s.poll(socket, len(s.connections)-1)
}

var errNoWatch = errors.New("the watch was not open in time")

// awaitWatch waits until the watcher is told of events.
func (s *submitting) awaitWatch() error {
	if s.watch == nil {
		return nil
	}
	for began := time.Now(); time.Since(began) < openTimeout; time.Sleep(look) {
		s.mu.Lock()
		ready, err := s.watch.reader.Ready(), s.watch.ended
		s.mu.Unlock()
		if ready || err != nil {
			return err
		}
	}
	return errNoWatch
}

func (s *submitting) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending = true
	if s.schedule == nil {
		for len(s.free) > 0 {
			s.send(<-s.free, time.Now())
		}
		return
	}
	s.schedule.begin(time.Now())
}

func (s *submitting) run() {
	defer close(s.stopped)
	events := make([]unix.EpollEvent, pollEvents)
	for {
		n, err := unix.EpollWait(s.epoll, events, pollMilliseconds)
		if err != nil && !errors.Is(err, unix.EINTR) {
			panic(fmt.Sprintf("poll connections: %v", err)) // a descriptor of ours is wrong
		}
		s.mu.Lock()
		if s.stopping {
			s.mu.Unlock()
			return
		}
		for _, event := range events[:max(n, 0)] {
			s.attend(int(event.Fd))
		}
		if s.schedule != nil && s.sending {
			s.sendDue()
		}
		s.mu.Unlock()
	}
}

// attend reads what has come.
func (s *submitting) attend(what int) {
	switch what {
	case ofSchedule:
		s.schedule.ticked()
	case ofWatch:
		if err := s.watch.read(s.buf); err != nil {
			_ = unix.EpollCtl(s.epoll, unix.EPOLL_CTL_DEL, s.watch.socket, nil)
			s.fail(err)
		}
	default:
		c := s.connections[what]
		if err := c.read(s.buf); err != nil {
			_ = unix.EpollCtl(s.epoll, unix.EPOLL_CTL_DEL, c.socket, nil) // it is never free again
			c.busy = false
			s.fail(err)
		}
	}
}

// sendDue sends what has become due.
func (s *submitting) sendDue() {
	for now := time.Now(); s.schedule.isDue(now); {
		select {
		case c := <-s.free:
			s.send(c, s.schedule.next())
		default:
			if s.Patient {
				return
			}
			s.schedule.next()
			s.result.Unsent++
		}
	}
}

// send sends a request that was due on a connection that is free.
func (s *submitting) send(c *connection, due time.Time) {
	s.sent++
	now := time.Now()
	if s.measuring {
		s.result.Late.Add(now.Sub(due))
	}
	if err := c.send(s.request.numbered(s.sent, now.UnixNano()), now); err != nil {
		s.fail(err)
	}
}

// answered counts an answer, and sends the next request where it is that which was
// waited for.
func (s *submitting) answered(c *connection, status int, body []byte) {
	took := c.received.Sub(c.sent)
	switch {
	case status == statusOK && s.confirms(body):
		s.result.OK++
		s.time(s.result.Accepted, took)
	case status == statusRefused:
		s.result.Refused++
		s.time(s.result.Refusals, took)
	default:
		s.fail(fmt.Errorf("status %d: %s", status, body))
	}
	if s.sending && s.schedule == nil {
		s.send(c, c.received)
		return
	}
	s.free <- c
}

func (s *submitting) time(h *measure.Histogram, took time.Duration) {
	if s.measuring {
		h.Add(took)
	}
}

func (s *submitting) fail(err error) {
	s.result.Failed++
	s.result.Cause = err.Error()
}

func (s *submitting) counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.result.Counts
}

func (s *submitting) measure(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.measuring = on
	if s.watch != nil {
		s.watch.measuring = on
	}
}

func (s *submitting) finish(patience time.Duration) Result {
	s.mu.Lock()
	s.sending = false
	s.mu.Unlock()
	for began := time.Now(); s.outstanding() > 0 && time.Since(began) < patience; {
		time.Sleep(look)
	}
	unanswered := s.outstanding()
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	<-s.stopped
	s.close()
	if unanswered > 0 {
		s.result.Failed += int64(unanswered)
		s.result.Cause = "no answer came"
	}
	return s.result
}

// outstanding is how many answers and events are still to come.
func (s *submitting) outstanding() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.connections {
		if c.busy {
			n++
		}
	}
	if s.watch != nil && s.watch.ended == nil {
		n += max(int(s.result.OK)-s.watch.seen, 0)
	}
	return n
}

func (s *submitting) close() {
	for _, c := range s.connections {
		_ = unix.Close(c.socket)
	}
	if s.schedule != nil {
		_ = unix.Close(s.schedule.timer)
	}
	if s.watch != nil {
		_ = unix.Close(s.watch.socket)
	}
	_ = unix.Close(s.epoll)
}
