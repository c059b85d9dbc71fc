package modeltest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/docs"
	"rollcall/internal/stream/streamtest"
)

var (
	schedules = flag.Uint64("schedules", 2000, "how many schedules the model test runs")
	firstSeed = flag.Uint64("seed", 0, "the first schedule's seed; the others count on from it. 0: by the clock")
)

const (
	// atOnce is how many schedules run at a time: they wait more than they work.
	atOnce = 64
	// restartShare: one schedule in so many stops and starts NATS, which takes a
	// server of its own, and files.
	restartShare = 50
	// restartsAtOnce is how many such servers there are.
	restartsAtOnce = 8
	// listenShare: one schedule in so many uses real connections.
	listenShare = 20
)

// TestWatchesAgainstAModel runs random schedules of everything that may befall a
// stream, its watches and their replicas, and holds each response of each watch
// against a model of the stream. A failure prints the seed of its schedule, which
//
//	go test ./subscriber/modeltest -race -run TestWatchesAgainstAModel -schedules 1 -seed SEED
//
// runs again: the same steps, though not the same instants.
func TestWatchesAgainstAModel(t *testing.T) {
	seed := *firstSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("%d schedules, seeds %d to %d", *schedules, seed, seed+*schedules-1)

	shared := streamtest.Start(t)
	restarted := make(chan *streamtest.Server, restartsAtOnce)
	for range min(restartsAtOnce, *schedules) {
		restarted <- streamtest.Start(t)
	}
	var next, failed, watches, responses atomic.Uint64
	var workers sync.WaitGroup
	for range min(atOnce, *schedules) {
		workers.Go(func() {
			nc, js := shared.Connect()
			defer nc.Close()
			for failed.Load() == 0 {
				i := next.Add(1) - 1
				if i >= *schedules {
					return
				}
				s := newSchedule(seed + i)
				if s.restarts {
					server := <-restarted
					s.nats = server
					s.nc, s.js = server.Connect()
					s.run()
					s.nc.Close()
					restarted <- server
				} else {
					s.nc, s.js = nc, js
					s.run()
				}
				watches.Add(uint64(len(s.clients)))
				for _, c := range s.clients {
					responses.Add(uint64(len(c.saw)))
				}
				if s.failure != "" {
					failed.Add(1)
					t.Error(s.report())
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d schedules, %d clients, %d events, gaps and progresses", min(next.Load(), *schedules), watches.Load(), responses.Load())
}

// newSchedule draws what a schedule has from its start.
func newSchedule(seed uint64) *schedule {
	s := &schedule{seed: seed, rand: rand.New(rand.NewPCG(seed, 0))}
	s.cond = sync.NewCond(&s.mu)
	s.restarts = s.one(restartShare)
	s.listens = s.one(listenShare)
	s.fat = s.one(6)
	s.named = s.one(2)
	s.steps = 3 + s.rand.IntN(12)
	switch s.rand.IntN(6) {
	case 0:
		s.stream.maxMessages = 1 + s.rand.IntN(8)
	case 1:
		if !s.restarts { // what a file takes is another sum
			s.stream.maxBytes = 500 + s.rand.IntN(3)*40_000
		}
	}
	s.name = fmt.Sprintf("model-%d", seed)
	s.subject = s.name
	s.stream.overhead = len(s.subject) + 16
	return s
}

// report is all there is to understand a failure from.
func (s *schedule) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %s\n\nsteps:\n", s.seed, s.failure)
	for _, did := range s.did {
		fmt.Fprintf(&b, "  %s\n", did)
	}
	b.WriteString("\nthe model:\n")
	for _, e := range s.stream.epochs {
		b.WriteString(e.String())
	}
	for _, c := range s.clients {
		fmt.Fprintf(&b, "\n%s, %s, at %s, saw:\n", c.name, c.encoding, c.at)
		for _, saw := range c.saw {
			fmt.Fprintf(&b, "  %s\n", saw)
		}
	}
	return b.String()
}

// wait waits for a condition, and for nothing once ctx is done or the schedule has
// failed. The lock must be held.
func (s *schedule) wait(ctx context.Context, is func() bool) {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.cond.Broadcast()
	})
	defer stop()
	for !is() && ctx.Err() == nil && s.failure == "" {
		s.cond.Wait()
	}
}

// failf keeps the first failure. The lock must be held.
func (s *schedule) failf(c *client, format string, args ...any) {
	if s.failure == "" {
		s.failure = fmt.Sprintf(format, args...)
		if c != nil {
			s.failure = c.name + ": " + s.failure
		}
		s.did = append(s.did, "✗ "+s.failure)
	}
	s.cond.Broadcast()
}

// brokenf is failf for a promise that is broken. The lock must be held.
func (s *schedule) brokenf(c *client, promise docs.Promise, format string, args ...any) {
	s.failf(c, "%v", promise.Brokenf(format, args...))
}

func (s *schedule) one(in int) bool { return s.rand.IntN(in) == 0 }
