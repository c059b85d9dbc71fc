package natsserver_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/natsserver"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// fixture is a server on a small disk, with a stream.
type fixture struct {
	disk   *streamtest.Disk
	server *natsserver.Server
	nc     *nats.Conn
	js     jetstream.JetStream
	// stored are the sequences that were acknowledged, each with what it stored.
	stored map[uint64]byte
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{disk: streamtest.NewDisk(t, 16<<10), stored: map[uint64]byte{}}
	f.start(t)
	return f
}

func (f *fixture) start(t *testing.T) {
	t.Helper()
	var err error
	f.server, err = natsserver.Start(natsserver.Config{Dir: filepath.Join(f.disk.Dir, "data"), Listen: "127.0.0.1:0", SyncInterval: time.Second}, discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.server.Stop)
	if f.nc, err = f.server.Connect(t.Name(), discard); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.nc.Close)
	if f.js, err = jetstream.New(f.nc); err != nil {
		t.Fatal(err)
	}
	if err := stream.Apply(t.Context(), f.js, streamtest.Config()); err != nil {
		t.Fatal(err)
	}
}

// store publishes a message of so many bytes, the first of which tells it from others.
func (f *fixture) store(t *testing.T, size int) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	payload := make([]byte, size)
	payload[0] = byte(len(f.stored))
	ack, err := f.js.Publish(ctx, streamtest.Subject, payload, jetstream.WithRetryAttempts(0))
	if err == nil {
		f.stored[ack.Sequence] = payload[0]
	}
	return err
}

// requireAll fails the test unless all that was acknowledged can be read.
func (f *fixture) requireAll(t *testing.T) {
	t.Helper()
	s := stream.Open(f.js, streamtest.Name)
	for sequence, want := range f.stored {
		got, err := s.Get(t.Context(), sequence)
		if err != nil || got.Payload[0] != want {
			t.Fatalf("message %d of %d acknowledged: got %v, %v", sequence, len(f.stored), got.Sequence, err)
		}
	}
}

func (f *fixture) awaitStorage(t *testing.T, works bool) {
	t.Helper()
	streamtest.Eventually(t, "word of the disk", func() bool {
		err := f.server.Storage()
		return (err == nil) == works && (works || errors.Is(err, stream.ErrStorage))
	})
}

func TestFullDiskIsSaidBeforeAnythingFails(t *testing.T) {
	f := newFixture(t)
	f.awaitStorage(t, true)
	if err := f.store(t, 1000); err != nil {
		t.Fatal(err)
	}
	f.disk.Fill(100)
	f.awaitStorage(t, false)
	f.requireAll(t)
	// What is left is enough to make room in the stream and to change its settings.
	s, err := f.js.Stream(t.Context(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	cfg := streamtest.Config()
	cfg.DuplicateWindow = time.Minute
	if err := errors.Join(stream.Apply(t.Context(), f.js, cfg), s.Purge(t.Context())); err != nil {
		t.Error(err)
	}
	f.disk.MakeRoom()
	f.awaitStorage(t, true)
	if err := f.store(t, 1000); err != nil {
		t.Error(err)
	}
}

func TestServerThatCouldNotWriteIsStartedAnewWhereThereIsRoom(t *testing.T) {
	f := newFixture(t)
	for f.store(t, 1000) == nil && len(f.stored) < 100 {
		continue
	}
	address, epoch := f.server.URL(), epoch(t, f.js)
	for round := range 3 {
		f.disk.Fill(0)
		before := len(f.stored)
		for f.store(t, 3000) == nil {
			continue
		}
		f.awaitStorage(t, false)
		f.requireAll(t) // it can be read meanwhile
		f.disk.MakeRoom()
		f.awaitStorage(t, true)
		streamtest.Eventually(t, "the connection is back", f.nc.IsConnected)
		f.requireAll(t)
		if err := f.store(t, 1000); err != nil {
			t.Fatalf("round %d, %d stored, %d before: %v", round, len(f.stored), before, err)
		}
	}
	if got := f.server.URL(); got != address {
		t.Errorf("it listens at %s, before at %s", got, address)
	}
	if state, err := stream.Open(f.js, streamtest.Name).State(t.Context()); err != nil || state.Epoch != epoch {
		t.Errorf("got %+v, %v; want the epoch %s", state, err, epoch)
	}
}

// TestDiskIsTheOnlyLimit has more in the stream than three quarters of what was free
// when the server was started.
func TestDiskIsTheOnlyLimit(t *testing.T) {
	f := newFixture(t)
	for len(f.stored) < 80 { // 8 MiB of 16
		if err := f.store(t, 100_000); err != nil {
			t.Fatal(err)
		}
	}
	f.nc.Close()
	f.server.Stop()
	f.disk.Fill(2 << 10)
	f.start(t)
	if err := f.store(t, 1000); err != nil {
		t.Errorf("with 2 MiB left: %v", err)
	}
	f.requireAll(t)
}
