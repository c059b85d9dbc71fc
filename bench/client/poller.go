package client

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"rollcall/bench/measure"
	"rollcall/bench/wire"
)

const (
	readBuffer = 256 << 10
	pollEvents = 256
	// pollMilliseconds is how long a quiet poller takes to see that it shall stop.
	pollMilliseconds = 50
)

// poller reads the connections of a part of the watchers with one goroutine and
// one buffer: a goroutine each would cost the server's cores more than reading.
type poller struct {
	epoll int
	stop  atomic.Bool
	buf   []byte

	mu       sync.Mutex // held while reading, so that counts are read of one moment
	shared   shared
	watchers []*watcher
}

func newPoller(every uint64, measuring *atomic.Bool) (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("set up epoll: %w", err)
	}
	return &poller{
		epoll: epoll, buf: make([]byte, readBuffer),
		shared: shared{every: every, measuring: measuring, times: measure.NewHistogram()},
	}, nil
}

// newWatcher returns a watcher that is not connected yet.
func (p *poller) newWatcher(read func(wire.Watcher) wire.Reader) *watcher {
	w := &watcher{tally: tally{shared: &p.shared, next: 1}}
	w.reader = read(w)
	return w
}

// add begins to read a connection.
func (p *poller) add(w *watcher) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers = append(p.watchers, w)
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(len(p.watchers) - 1)} //nolint:gosec // it is ours to choose: a place in watchers
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, w.socket, &event); err != nil {
		return fmt.Errorf("poll a connection: %w", err)
	}
	return nil
}

func (p *poller) run() {
	events := make([]unix.EpollEvent, pollEvents)
	for !p.stop.Load() {
		n, err := unix.EpollWait(p.epoll, events, pollMilliseconds)
		if err != nil && !errors.Is(err, unix.EINTR) {
			panic(fmt.Sprintf("poll connections: %v", err)) // a descriptor of ours is wrong
		}
		p.mu.Lock()
		for _, event := range events[:max(n, 0)] {
			p.read(p.watchers[event.Fd])
		}
		p.mu.Unlock()
	}
}

func (p *poller) read(w *watcher) {
	n, err := unix.Read(w.socket, p.buf)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return
	case err != nil:
		p.end(w, fmt.Errorf("the connection broke: %w", err))
		return
	case n == 0:
		p.end(w, wire.ErrEnded)
		return
	}
	p.shared.received = time.Now()
	if err := w.feed(p.buf[:n]); err != nil {
		p.end(w, err)
		return
	}
	w.ready = w.ready || w.reader.Ready()
}

// end stops reading a connection.
func (p *poller) end(w *watcher, cause error) {
	w.ended = cause
	_ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, w.socket, nil)
}
