package subscriber_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/person"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// TestSeamWhateverTheStart opens every kind of start, in, at the edge of and before
// rings of several sizes, in both encodings, while events arrive and the rings turn.
func TestSeamWhateverTheStart(t *testing.T) {
	const before, total = 64, 128
	f := newFixture(t)
	f.publishLarge(before)
	epoch := f.epoch()
	at := func(sequence uint64) *contactv1.WatchPersonsRequest {
		m, err := f.stream().GetMsg(context.Background(), sequence)
		if err != nil {
			t.Fatal(err)
		}
		return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(m.Time)}}
	}
	type start struct {
		name            string
		request         *contactv1.WatchPersonsRequest
		lowest, highest uint64 // of where it may begin
	}
	starts := []start{{"all", all(), 0, 0}, {"new", &contactv1.WatchPersonsRequest{}, before, total}}
	// A segment holds 16: these are its edge and its middle, over the whole ring.
	for sequence := uint64(0); sequence <= before; sequence += 8 {
		starts = append(starts,
			start{fmt.Sprintf("after %d", sequence), after(epoch, sequence), sequence, sequence},
			start{fmt.Sprintf("last %d", sequence), last(uint32(sequence)), before - sequence, total - sequence})
		if sequence > 0 {
			starts = append(starts, start{fmt.Sprintf("since %d", sequence), at(sequence), sequence - 1, sequence - 1})
		}
	}
	type opened struct {
		start
		w *watcher
	}
	var watches []opened
	var replicas []*replica
	for _, ring := range []int64{1, 150 << 10, 8 << 20} {
		replicas = append(replicas, f.replica(func(c *subscriber.Config) { c.RingBytes = ring }))
	}
	var publishing sync.WaitGroup
	publishing.Go(func() { f.publishLarge(total - before) })
	for _, r := range replicas {
		for _, r := range []*replica{r, r.inJSON()} {
			for _, s := range starts {
				watches = append(watches, opened{s, r.watch(s.request)})
			}
		}
	}
	for _, o := range watches {
		first := o.w.next()
		position := first.Progress.GetPosition().GetSequence()
		if first.Progress == nil || position < o.lowest || position > o.highest {
			t.Fatalf("%s: first came %s, want a position from %d to %d", o.name, first, o.lowest, o.highest)
		}
		o.w.expectCovered(position, total, nil)
		o.w.end()
	}
	publishing.Wait()
}

// publishLarge stores persons so large that 16 fill a segment.
func (f *fixture) publishLarge(count int) {
	f.t.Helper()
	payload, err := person.Encode(nil, &contactv1.Person{Name: strings.Repeat("x", 4_000), Email: "p@example.org"})
	if err != nil {
		f.t.Error(err)
		return
	}
	for range count {
		f.publishBytes(payload)
	}
}

// inJSON is the same replica to a client that wants JSON.
func (r *replica) inJSON() *replica {
	client := &http.Client{Transport: &http.Transport{}}
	r.t.Cleanup(client.CloseIdleConnections)
	return &replica{
		t: r.t, sub: r.sub, url: r.url,
		client: contactv1connect.NewWatchServiceClient(connect.NewClient(connecthttp.NewTransport(client, r.url, connecthttp.WithProtoJSON()))),
	}
}

// TestThousandClientsThatComeBackCostJetStreamNothing has them resume from positions
// all over the ring, also on a subscriber that has just become ready.
func TestThousandClientsThatComeBackCostJetStreamNothing(t *testing.T) {
	const clients, stored = 1000, 50
	f := newFixture(t)
	f.publish(numbers(1, stored)...)
	epoch := f.epoch()
	for _, life := range []string{"first", "started again"} {
		t.Run(life, func(t *testing.T) {
			f := f.in(t)
			r := f.replica()
			before, begun := f.asked(), time.Now()
			var coming sync.WaitGroup
			// In ten rows, for what comes at the same instant shares a question.
			for row := range 10 {
				coming.Go(func() {
					for i := row; i < clients; i += 10 {
						position := uint64(i/10) % stored
						next := r.watchDirectly(t, after(epoch, position))
						for position < stored {
							e := next().Event
							if e == nil {
								continue
							}
							position++
							if e.GetSequence() != position {
								t.Errorf("got event %d, want %d", e.GetSequence(), position)
							}
						}
					}
				})
			}
			coming.Wait()
			// The source asks how the stream is: once a second, and we did.
			allowed := 4 + 2*uint64(time.Since(begun)/time.Second)
			if asked := f.asked() - before; asked > allowed {
				t.Errorf("JetStream was asked %d times by %d clients, want at most the source's %d", asked, clients, allowed)
			}
			// What is counted rises where a replay is needed.
			before = f.asked()
			f.replica(tiny).watch(all()).expectCovered(0, stored, nil)
			if asked := f.asked() - before; asked < 8 {
				t.Errorf("JetStream says it was asked %d times by a start and a replay", asked)
			}
		})
	}
}

// TestNotReadyBeforeTheRingIsFilled comes back with the stream's last position the
// moment the subscriber is ready: were its ring not filled, it would have to ask.
func TestNotReadyBeforeTheRingIsFilled(t *testing.T) {
	const stored = 2000
	f := newFixture(t)
	f.publishLarge(stored)
	epoch := f.epoch()
	r := f.unready()
	for r.sub.Ready() != nil {
		time.Sleep(100 * time.Microsecond)
	}
	before := f.asked()
	for range 5 {
		r.watch(after(epoch, stored)).expect("progress 2000 of 2000 SOURCE_CONNECTED")
	}
	if asked := f.asked() - before; asked > 3 { // we did, and the source may have
		t.Errorf("JetStream was asked %d times", asked)
	}
}

// asked returns how often JetStream's API was asked.
func (f *fixture) asked() uint64 {
	f.t.Helper()
	account, err := f.js.AccountInfo(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	return account.API.Total
}

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
