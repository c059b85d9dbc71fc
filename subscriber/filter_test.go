package subscriber_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// zeros matches every tenth of the persons that publish makes.
const zeros = `person.name.endsWith("0")`

func filtered(request *contactv1.WatchPersonsRequest, text string) *contactv1.WatchPersonsRequest {
	request.Filter = text
	return request
}

// shown returns the next events up to a number, which must be the last.
func (w *watcher) shown(last uint64) []uint64 {
	w.t.Helper()
	for got := []uint64{}; ; {
		event := w.skipProgress().Event
		if event == nil {
			w.t.Fatal("something else than an event came")
		}
		if got = append(got, event.GetSequence()); event.GetSequence() >= last {
			return got
		}
	}
}

func TestFilterChoosesFromMemoryAndFromJetStream(t *testing.T) {
	want := []uint64{10, 20, 30, 40, 50, 60, 70, 80}
	for name, ring := range map[string]func(*subscriber.Config){"memory": large, "JetStream": tiny} {
		for _, codec := range []string{"binary", "JSON"} {
			t.Run(name+" "+codec, func(t *testing.T) {
				f := newFixture(t)
				f.publish(numbers(1, 55)...)
				r := f.replica(ring)
				if codec == "JSON" {
					r = r.inJSON()
				}
				first, second := r.watch(filtered(all(), zeros)), r.watch(filtered(all(), zeros))
				f.publish(numbers(56, 80)...)
				for _, w := range []*watcher{first, second} {
					if got := w.shown(80); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("got %v, want %v", got, want)
					}
				}
			})
		}
	}
}

func TestFilteredWatchMovesThoughNothingMatches(t *testing.T) {
	f := newFixture(t)
	r := f.replica(func(c *subscriber.Config) { c.ProgressInterval = 20 * time.Millisecond })
	w := r.watch(filtered(all(), `person.name == "nobody"`))
	f.publish(numbers(1, 50)...)
	for w.next().Progress.GetPosition().GetSequence() < 50 {
	}
}

func TestRejectedEventsAndGapsPassEveryFilter(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	f.publishBytes([]byte("garbage"))
	f.publish(3, 4)
	f.delete(3)
	w := f.replica().watch(filtered(all(), "false"))
	if i := w.skipProgress(); i.Event.GetRejected() == nil || i.Event.GetSequence() != 2 {
		t.Errorf("got %v, want what was rejected", i)
	}
	if i := w.skipProgress(); !strings.HasPrefix(i.String(), "gap 3-3") {
		t.Errorf("got %v, want the gap", i)
	}
}

func TestEvaluationThatFailsIsNoMatch(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 10)
	var log streamtest.Log
	r := f.replica(func(c *subscriber.Config) { c.Logger = log.Logger() })
	w := r.watch(filtered(all(), `person.phones[0].number == "1" || 1 / (size(person.name) - 8) > 0 `+strings.Repeat(" ", 1000)))
	if got := w.shown(3); len(got) != 1 {
		t.Errorf("got %v, want the third alone", got)
	}
	w.end()
	// Both the first failure and the number of all are for the operator to see.
	streamtest.Eventually(t, "the filter's end is logged", func() bool { return strings.Contains(log.String(), "persons=2") })
	if got := log.String(); strings.Count(got, "sequence=") != 1 || !strings.Contains(got, "sequence=1 error=") || len(got) > 1500 {
		t.Errorf("logged %s", got)
	}
}

// TestFailuresOfAFilterAreSaid has each watch told of the failures that it has come
// past, from memory and from JetStream, whoever else shares the filter.
func TestFailuresOfAFilterAreSaid(t *testing.T) {
	const fails = `person.phones[0].number == "1" || 10 / (size(person.name) - 8) > 0` // "person 1"
	for name, ring := range map[string]func(*subscriber.Config){"memory": large, "JetStream": tiny} {
		for _, codec := range []string{"binary", "JSON"} {
			t.Run(name+" "+codec, func(t *testing.T) {
				f := newFixture(t)
				f.publish(1, 1, 100)
				f.publish(numbers(100, 150)...)
				r := f.replica(ring, func(c *subscriber.Config) { c.ProgressInterval = 20 * time.Millisecond })
				if codec == "JSON" {
					r = r.inJSON()
				}
				awaitFailed := func(w *watcher, want uint64) {
					t.Helper()
					for {
						progress := w.next().Progress
						if progress.GetFailed() > want {
							t.Fatalf("%d failed, want %d", progress.GetFailed(), want)
						}
						if progress != nil && progress.GetPosition().GetSequence() == progress.GetHead() && progress.GetFailed() == want {
							return
						}
					}
				}
				late := r.watch(filtered(last(1), fails))
				awaitFailed(late, 0)
				all := r.watch(filtered(all(), fails))
				awaitFailed(all, 2)
				f.publish(1, 100)
				awaitFailed(all, 3)
				awaitFailed(late, 1)
				awaitFailed(late, 1) // it is not counted twice
			})
		}
	}
}

func TestDifferentFiltersAreBounded(t *testing.T) {
	f := newFixture(t)
	r := f.replica(func(c *subscriber.Config) { c.Filters = 1 })
	first := r.watch(filtered(all(), "true"))
	first.next()
	r.watch(filtered(all(), "true")).next() // shares it
	if err := r.watch(filtered(all(), "false")).endsWith(connect.CodeResourceExhausted); !strings.Contains(err.Error(), "filter: 1 different ones are in use") {
		t.Errorf("got %v", err)
	}
}

// TestFilteredWatchIsToldThatItHasCaughtUp: of what its filter left out it hears
// nothing else.
func TestFilteredWatchIsToldThatItHasCaughtUp(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	r := f.replica()
	w := r.watch(filtered(all(), `person.name == "person 2"`))
	w.expect("progress 0 of 3 SOURCE_CONNECTED", "event 2", "progress 3 of 3 SOURCE_CONNECTED")
	f.publish(4)
	r.watch(filtered(all(), `person.name == "person 4"`)).expect("progress 0 of 4 SOURCE_CONNECTED", "event 4", "progress 4 of 4 SOURCE_CONNECTED")
	f.publish(2)
	w.expect("event 5") // it is told once
}
