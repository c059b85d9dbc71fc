// Package client is the watchers, in a process of their own: it opens them, and
// checks and times what each receives.
package client

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"rollcall/bench/measure"
	"rollcall/bench/wire"
)

const (
	openTimeout = 60 * time.Second
	// openAtOnce is how many watches may be on their way to being open, so that no
	// server's queue of new connections overflows.
	openAtOnce = 200
	// quiet is how long nothing must come for the rest to count as lost.
	quiet = 2 * time.Second
	look  = 10 * time.Millisecond
)

// Watch says what is watched, and by how many.
type Watch struct {
	Address  string
	Protocol string
	Watchers int
	// Stalled watchers come on top and read nothing.
	Stalled int
	// Filters, where a watch can have one, are given to the watchers in turn.
	Filters []string
	// SampleEvery is of how many events one is timed.
	SampleEvery uint64
}

// Counts is how much was received so far.
type Counts struct {
	Deliveries int64
}

// Published is how much there was to be received.
type Published struct {
	Last uint64
	// Patience bounds the wait for it.
	Patience time.Duration
}

// Result is what all watchers have received.
type Result struct {
	Deliveries int64
	// Lost is what of the events published did not come to its watchers, Disordered
	// what came twice or too late, and CutOff how many watchers the server ended.
	Lost, Disordered, CutOff int64
	// Cause is why the first was cut off.
	Cause string
	Times *measure.Histogram
}

// Service opens watchers and counts what they receive; its methods are called by
// net/rpc.
type Service struct {
	pollers   []*poller
	stalled   []*watcher
	measuring atomic.Bool
}

// Nothing is no argument.
type Nothing struct{}

// Open opens all watches and returns when the server has confirmed each.
func (s *Service) Open(watch Watch, _ *Nothing) error {
	read, err := readers(watch.Protocol)
	if err != nil {
		return err
	}
	for range runtime.NumCPU() {
		p, err := newPoller(max(watch.SampleEvery, 1), &s.measuring)
		if err != nil {
			return err
		}
		s.pollers = append(s.pollers, p)
		go p.run()
	}
	filter := func(i int) string {
		if len(watch.Filters) == 0 {
			return ""
		}
		return watch.Filters[i%len(watch.Filters)]
	}
	deadline := time.Now().Add(openTimeout)
	for i := range watch.Watchers {
		p := s.pollers[i%len(s.pollers)]
		w := p.newWatcher(func(w wire.Watcher) wire.Reader { return read(w, filter(i)) })
		if err := w.dial(watch.Address, false); err != nil {
			return err
		}
		if err := p.add(w); err != nil {
			return err
		}
		if err := s.awaitOpen(i+1-openAtOnce, deadline); err != nil {
			return err
		}
	}
	for i := range watch.Stalled {
		w := s.pollers[0].newWatcher(func(w wire.Watcher) wire.Reader { return read(w, filter(i)) })
		if err := w.dial(watch.Address, true); err != nil {
			return err
		}
		s.stalled = append(s.stalled, w)
	}
	return s.awaitOpen(watch.Watchers, deadline)
}

// awaitOpen waits until so many watches are open.
func (s *Service) awaitOpen(n int, deadline time.Time) error {
	for {
		open, err := s.open()
		if err != nil || open >= n {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d watches of %d were open within %s", open, n, openTimeout)
		}
		time.Sleep(look)
	}
}

func (s *Service) open() (n int, err error) {
	s.each(func(w *watcher) {
		if w.ended != nil {
			err = w.ended
		}
		if w.ready {
			n++
		}
	})
	return n, err
}

// Begin begins to take times.
func (s *Service) Begin(_ Nothing, counts *Counts) error {
	s.measuring.Store(true)
	*counts = s.counts()
	return nil
}

// End ends it.
func (s *Service) End(_ Nothing, counts *Counts) error {
	s.measuring.Store(false)
	*counts = s.counts()
	return nil
}

// Await waits for all that was published to come, as long as anything comes, and
// then closes all watches.
func (s *Service) Await(published Published, result *Result) error {
	deadline := time.Now().Add(published.Patience)
	for before, since := int64(-1), time.Now(); s.outstanding(published.Last) && time.Now().Before(deadline); time.Sleep(look) {
		now := s.counts().Deliveries
		if now != before {
			before, since = now, time.Now()
		}
		if time.Since(since) > quiet {
			break
		}
	}
	*result = s.result(published.Last)
	s.close()
	return nil
}

// outstanding reports whether more may come.
func (s *Service) outstanding(last uint64) (more bool) {
	s.each(func(w *watcher) {
		more = more || w.ended == nil && w.next <= last
	})
	return more
}

func (s *Service) counts() (c Counts) {
	for _, p := range s.pollers {
		p.mu.Lock()
		c.Deliveries += p.shared.deliveries
		p.mu.Unlock()
	}
	return c
}

func (s *Service) result(last uint64) Result {
	r := Result{Deliveries: s.counts().Deliveries, Times: measure.NewHistogram()}
	s.each(func(w *watcher) {
		r.Lost += w.lost(last)
		r.Disordered += w.disordered
		if w.ended != nil {
			r.CutOff++
			r.Cause = w.ended.Error()
		}
	})
	for _, p := range s.pollers {
		r.Times.Merge(p.shared.times)
	}
	return r
}

func (s *Service) each(do func(*watcher)) {
	for _, p := range s.pollers {
		p.mu.Lock()
		for _, w := range p.watchers {
			do(w)
		}
		p.mu.Unlock()
	}
}

func (s *Service) close() {
	for _, p := range s.pollers {
		p.stop.Store(true)
	}
	s.each(func(w *watcher) { _ = unix.Close(w.socket) })
	for _, w := range s.stalled {
		_ = unix.Close(w.socket)
	}
}

var errProtocol = errors.New("no such protocol")

// readers returns how a protocol is read.
func readers(protocol string) (func(wire.Watcher, string) wire.Reader, error) {
	unfiltered := func(read func(wire.Watcher) wire.Reader) func(wire.Watcher, string) wire.Reader {
		return func(w wire.Watcher, _ string) wire.Reader { return read(w) }
	}
	switch protocol {
	case "connect":
		return wire.NewConnect, nil
	case "connect-json":
		return wire.NewConnectJSON, nil
	case "connect-gzip":
		return wire.NewConnectGzip, nil
	case "connect-h2":
		return wire.NewConnectHTTP2, nil
	case "centrifuge":
		return unfiltered(wire.NewCentrifuge), nil
	case "sse":
		return unfiltered(wire.NewSSE), nil
	case "nats":
		return unfiltered(wire.NewNATS), nil
	case "raw":
		return unfiltered(wire.NewRaw), nil
	}
	return nil, fmt.Errorf("%w: %q", errProtocol, protocol)
}
