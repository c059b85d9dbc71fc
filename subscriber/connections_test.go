package subscriber_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/person"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

// manyLarge is more than the kernel's buffers and HTTP/2's windows take.
func manyLarge(t *testing.T, f *fixture) (events int) {
	t.Helper()
	large := largePerson(t)
	const many = 300
	for range many {
		f.publishBytes(large)
	}
	return many
}

func largePerson(t *testing.T) []byte {
	t.Helper()
	large, err := person.Encode(nil, &contactv1.Person{Name: strings.Repeat("x", 60_000), Email: "x@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	return large
}

// TestStopDoesNotWaitForAClientThatTakesNothing has one such client for each
// version of HTTP, and one that takes all.
func TestStopDoesNotWaitForAClientThatTakesNothing(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	events := manyLarge(t, f)
	rawWatch(t, r.url)
	stuck, err := r.http2().WatchPersons(t.Context(), all())
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	streamtest.Eventually(t, "both are watching", func() bool { return r.sub.Watches() == 2 })
	other := r.watch(all())
	other.expectCovered(0, uint64(events), nil)

	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r.sub.Stop(ctx)
	streamtest.Eventually(t, "every watch has ended", func() bool { return r.sub.Watches() == 0 })
	other.endsWith(connect.CodeUnavailable)
}

// TestStopEndsAWatchThatIsAlwaysBehind publishes more than the client reads: the
// log's end never comes.
func TestStopEndsAWatchThatIsAlwaysBehind(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	slow := rawWatch(t, r.url)
	behind := manyLarge(t, f)
	streamtest.Eventually(t, "it is watching", func() bool { return r.sub.Watches() == 1 })
	r.sub.Stop(context.Background())
	for range 2 * behind {
		if r.sub.Watches() == 0 {
			return
		}
		f.publishBytes(largePerson(t))
		f.publishBytes(largePerson(t))
		if _, err := io.CopyN(io.Discard, slow, 100_000); err != nil {
			break // its end
		}
	}
	streamtest.Eventually(t, "the watch has ended", func() bool { return r.sub.Watches() == 0 })
}

// TestQuietWatchIsNotCutOff is of a watch whose client may take nothing for less
// time than the watch has nothing to send.
func TestQuietWatchIsNotCutOff(t *testing.T) {
	f := newFixture(t)
	r := f.replica(func(c *subscriber.Config) {
		c.WriteTimeout, c.ProgressInterval = 50*time.Millisecond, 200*time.Millisecond
	})
	for name, client := range map[string]contactv1connect.WatchServiceClient{"HTTP/1.1": r.client, "HTTP/2": r.http2()} {
		stream, err := client.WatchPersons(t.Context(), all())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := stream.Receive(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		_ = stream.Close()
	}
}
