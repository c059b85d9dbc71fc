package subscriber_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// patience bounds how long a test waits for what must come.
const patience = time.Minute

// fixture is a NATS server with a stream, which replicas read.
type fixture struct {
	t    *testing.T
	nats *streamtest.Server
	nc   *nats.Conn
	js   jetstream.JetStream
	// relay is what replicas ask JetStream through; nil if nothing stands between.
	relay *streamtest.Relay
	// read is the name of the stream that replicas read.
	read string
}

func newFixture(t *testing.T, change ...func(*stream.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, nats: streamtest.Start(t), read: streamtest.Name}
	f.nc, f.js = f.nats.Connect()
	cfg := streamtest.Config()
	for _, c := range change {
		c(&cfg)
	}
	streamtest.CreateStream(t, f.js, cfg)
	return f
}

// in is the fixture in a subtest.
func (f *fixture) in(t *testing.T) *fixture {
	t.Helper()
	inner := *f
	inner.t = t
	return &inner
}

// publish stores persons named by their number.
func (f *fixture) publish(numbers ...int) {
	f.t.Helper()
	for _, n := range numbers {
		payload, err := person.Encode(nil, &contactv1.Person{Name: fmt.Sprintf("person %d", n), Email: "p@example.org"})
		if err != nil {
			f.t.Fatal(err)
		}
		f.publishBytes(payload)
	}
}

func (f *fixture) publishBytes(payload []byte) {
	f.t.Helper()
	if _, err := f.js.Publish(context.Background(), streamtest.Subject, payload); err != nil {
		f.t.Fatalf("publish: %v", err)
	}
}

func (f *fixture) stream() jetstream.Stream {
	f.t.Helper()
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func (f *fixture) epoch() string {
	f.t.Helper()
	return stream.Epoch(f.stream().CachedInfo())
}

// remake deletes the stream and makes it anew.
func (f *fixture) remake(change ...func(*jetstream.StreamConfig)) {
	f.t.Helper()
	cfg := f.stream().CachedInfo().Config
	for _, c := range change {
		c(&cfg)
	}
	if err := f.js.DeleteStream(context.Background(), streamtest.Name); err != nil {
		f.t.Fatal(err)
	}
	// For a moment after the deletion the server may still hold the files.
	streamtest.Eventually(f.t, "the stream is made anew", func() bool {
		_, err := f.js.CreateStream(context.Background(), cfg)
		return err == nil
	})
}

func numbers(first, last int) []int {
	var all []int
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
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

// asked returns how often JetStream's API was asked.
func (f *fixture) asked() uint64 {
	f.t.Helper()
	account, err := f.js.AccountInfo(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	return account.API.Total
}

func (f *fixture) delete(sequences ...uint64) {
	f.t.Helper()
	for _, sequence := range sequences {
		if err := f.stream().DeleteMsg(context.Background(), sequence); err != nil {
			f.t.Fatal(fmt.Errorf("delete %d: %w", sequence, err))
		}
	}
}

func (f *fixture) purge(options ...jetstream.StreamPurgeOpt) {
	f.t.Helper()
	if err := f.stream().Purge(context.Background(), options...); err != nil {
		f.t.Fatal(err)
	}
}
