package subscriber_test

import (
	"strings"
	"testing"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// TestWatchWithoutATurnHearsThatItIsAlive leaves no place for a replay at all.
func TestWatchWithoutATurnHearsThatItIsAlive(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 100)...)
	r := f.replica(tiny, func(c *subscriber.Config) { c.Replays, c.ProgressInterval = 0, 20*time.Millisecond })
	progress := "progress 0 of 100 SOURCE_CONNECTED"
	r.watch(all()).expect(progress, progress, progress)
}

// TestNoMoreReplaysThanTurns counts the consumers while many want to replay.
func TestNoMoreReplaysThanTurns(t *testing.T) {
	const stored, turns = 300, 2
	f := newFixture(t)
	f.publishLarge(stored)
	r := f.replica(tiny, func(c *subscriber.Config) { c.Replays = turns })
	var watchers []*watcher
	for range 10 {
		watchers = append(watchers, r.watch(all()))
	}
	most, done := 0, make(chan struct{})
	go func() {
		defer close(done)
		for _, w := range watchers {
			w.expectCovered(0, stored, nil)
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
			most = max(most, f.stream().CachedInfo().State.Consumers)
		}
	}
	if most < 2 || most > 1+turns {
		t.Errorf("there were up to %d consumers, want the source's and at most %d", most, turns)
	}
	streamtest.Eventually(t, "the source's consumer alone is left", func() bool { return f.stream().CachedInfo().State.Consumers == 1 })
}

func TestFewReplaysAtATimeAndTheOthersWaitTheirTurn(t *testing.T) {
	const stored = 500
	f := newFixture(t)
	f.publish(numbers(1, stored)...)
	r := f.replica(tiny, func(c *subscriber.Config) { c.Replays = 1 })
	var watchers []*watcher
	for range 8 {
		watchers = append(watchers, r.watch(all()))
	}
	for _, w := range watchers {
		w.expectCovered(0, stored, nil)
	}
}

// TestSlowClientKeepsNoReplayFromTheOthers has one place for replays and a client
// that reads nothing.
func TestSlowClientKeepsNoReplayFromTheOthers(t *testing.T) {
	f := newFixture(t)
	large, err := person.Encode(nil, &contactv1.Person{Name: strings.Repeat("x", 60_000), Email: "x@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	const stored = 200
	for range stored {
		f.publishBytes(large)
	}
	r := f.replica(tiny, func(c *subscriber.Config) { c.Replays, c.WriteTimeout = 1, time.Hour }) // it is not cut off
	rawWatch(t, r.url)
	streamtest.Eventually(t, "the slow client's watch is open", func() bool { return r.sub.Watches() == 1 })
	r.watch(all()).expectCovered(0, stored, nil)
}
