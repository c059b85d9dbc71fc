package peer

import (
	"sync"
	"sync/atomic"
	"time"

	"rollcall/bench/measure"
	"rollcall/bench/payload"
)

// tick is how often a publisher that publishes more often than that does so: it
// then publishes what has become due at once.
const tick = time.Millisecond

// publisher publishes at a steady rate inside the peer's process, the same way for
// all peers: so no hop to the peer differs from another's.
type publisher struct {
	peer Peer
	// each interval so many events are due.
	interval time.Duration
	batch    int

	count    atomic.Uint64
	ending   sync.Once
	stopping chan struct{}
	stopped  chan struct{}

	failed  string
	elapsed time.Duration
	late    *measure.Histogram
}

// Published is what a publisher has done.
type Published struct {
	Last    uint64
	Elapsed time.Duration
	// LateP99 is how long after it was due an event was published. The time of
	// publishing that an event carries is the true one, so what a busy system makes
	// its publisher wait is here and not in its events' times.
	LateP99 time.Duration
	// Failed is why the peer took no more.
	Failed string
}

func startPublisher(to Peer, rate int) *publisher {
	p := &publisher{
		peer: to, interval: time.Second / time.Duration(rate), batch: 1, late: measure.NewHistogram(),
		stopping: make(chan struct{}), stopped: make(chan struct{}),
	}
	if p.interval < tick {
		p.interval, p.batch = tick, rate/int(time.Second/tick)
	}
	go p.run()
	return p
}

func (p *publisher) run() {
	defer close(p.stopped)
	began := time.Now()
	defer func() { p.elapsed = time.Since(began) }()
	event := payload.New()
	for due := began; ; due = due.Add(p.interval) {
		time.Sleep(time.Until(due))
		select {
		case <-p.stopping:
			return
		default:
		}
		for range p.batch {
			now := time.Now()
			p.late.Add(now.Sub(due))
			payload.Stamp(event, p.count.Load()+1, now.UnixNano())
			if err := p.peer.Publish(event); err != nil {
				p.failed = err.Error()
				return
			}
			p.count.Add(1)
		}
	}
}

// end may be called again.
func (p *publisher) end() {
	p.ending.Do(func() { close(p.stopping) })
	<-p.stopped
}

func (p *publisher) stop() Published {
	p.end()
	return Published{Last: p.count.Load(), Elapsed: p.elapsed, LateP99: p.late.Quantile(0.99), Failed: p.failed}
}
