package subscriber_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
	"rollcall/subscriber/watchtest"
)

// What the model test has found, each by itself.

// TestFirstProgressHasTheHeadThatWasAsked opens watches right after publishing: the
// start is asked of the stream's leader, who knows more than the log does yet.
func TestFirstProgressHasTheHeadThatWasAsked(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	for n := 1; n <= 100; n++ {
		f.publish(n)
		if p := r.watch(all()).next().Progress; p.GetHead() < uint64(n) {
			t.Fatalf("%d are stored, and the first progress says that %d are", n, p.GetHead())
		}
	}
}

// TestHeadIsNotBeforeThePosition resumes where nothing is known of the stream.
func TestHeadIsNotBeforeThePosition(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	epoch := f.epoch()
	f.nats.Stop()
	r := f.unready()
	r.watch(after(epoch, 2)).expect("progress 2 of 2 SOURCE_DISCONNECTED")
	f.nats.Restart()
}

// TestEpochThatIsOverBeforeTheWatchEntersIt has the stream made anew twice. The
// first time the watch is told that its epoch is over, but the next can't be asked
// for its start any more: no progress may put the watch into it.
func TestEpochThatIsOverBeforeTheWatchEntersIt(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2)
	r := f.replica(func(c *subscriber.Config) { c.ProgressInterval = 20 * time.Millisecond })
	w := r.watchDirectly(t, after(f.epoch(), 2))
	w() // it is on the first epoch now, and is not read from until it is over
	f.remake()
	second := f.epoch()
	streamtest.Eventually(t, "the subscriber reads the second epoch", func() bool {
		return r.watch(all()).next().Progress.GetPosition().GetEpoch() == second
	})
	config := f.stream().CachedInfo().Config
	if err := f.js.DeleteStream(context.Background(), streamtest.Name); err != nil {
		t.Fatal(err)
	}
	for w().Gap == nil { // progress while it was idle
	}
	for range 3 {
		if i := w(); i.Progress == nil || i.Progress.GetPosition() != nil {
			t.Fatalf("got %s in %q, want progress without a position", i, i.Progress.GetPosition().GetEpoch())
		}
	}
	streamtest.Eventually(t, "the stream is made anew", func() bool {
		_, err := f.js.CreateStream(context.Background(), config)
		return err == nil
	})
	f.publish(1)
	var entered string
	for i := w(); i.Event == nil; i = w() {
		if position := i.Progress.GetPosition(); position != nil {
			entered = position.GetEpoch()
		}
		if i.Gap != nil {
			t.Fatalf("got %s", i)
		}
	}
	if entered != f.epoch() {
		t.Errorf("the watch entered the epoch %q, want %q", entered, f.epoch())
	}
}

// watchDirectly opens a watch with nothing between it and the client, who gets one
// item a call.
func (r *replica) watchDirectly(t *testing.T, request *contactv1.WatchPersonsRequest) (next func() item) {
	t.Helper()
	mux := server.NewMux(server.Config{})
	r.sub.Mount(mux)
	transport := &watchtest.Direct{Handler: mux}
	client := contactv1connect.NewWatchServiceClient(connect.NewClient(connecthttp.NewTransport(&http.Client{Transport: transport}, "http://replica")))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	stream, err := client.WatchPersons(ctx, request)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		stream.Close()
		transport.Wait()
	})
	var items []item
	return func() item {
		t.Helper()
		for len(items) == 0 {
			response, err := stream.Receive()
			if err != nil {
				t.Fatalf("the watch ended: %v", err)
			}
			items = watchtest.Items(response)
		}
		i := items[0]
		items = items[1:]
		return i
	}
}
