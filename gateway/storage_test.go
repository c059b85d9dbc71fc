package gateway_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats-server/v2/server"

	"rollcall/gateway"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// TestWhereStorageIsKnownToFailNothingIsSent has it said by who has the disk.
func TestWhereStorageIsKnownToFailNothingIsSent(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	f := newFixtureWith(t, func(c *gateway.Config) {
		c.Storage = func() error {
			if full.Load() {
				return fmt.Errorf("%w: it is full", stream.ErrStorage)
			}
			return nil
		}
	})
	f.awaitReady()
	full.Store(true)
	f.requireRefused(connect.CodeUnavailable, "STORAGE", "the operator has to make room on it")
	f.awaitReady("it is full")
	f.expectStored(0)
	full.Store(false)
	f.awaitReady()
	f.mustSubmit(ada(), "")
}

// TestFullDiskOfAServerElsewhere has JetStream on a disk that another fills. It says
// nothing when it can't write, and never tries again until it is started anew.
func TestFullDiskOfAServerElsewhere(t *testing.T) {
	t.Parallel()
	disk := streamtest.NewDisk(t, 16<<10)
	f := newFixtureBeside(t, streamtest.Start(t, func(o *server.Options) { o.StoreDir, o.JetStreamMaxStore = disk.Dir, 1<<30 }), func(c *gateway.Config) {
		c.Timeout = time.Minute // so that it is not the deadline that ends a submission
	})
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.awaitReady()
	stored := map[uint64]bool{f.mustSubmit(ada(), "").GetSequence(): true}
	disk.Fill(0)
	var err error
	for n := 0; err == nil; n++ {
		response, refused := f.submit(ada(), fmt.Sprint("key-", n))
		stored[response.GetSequence()], err = refused == nil, refused
	}
	if connect.CodeOf(err) != connect.CodeUnavailable || detailsOf(t, err).reason != "STORAGE" {
		t.Fatalf("got %v", err)
	}
	f.awaitReady("no space left on device")
	begun := time.Now()
	f.requireRefused(connect.CodeUnavailable, "STORAGE", "the operator has to make room on it")
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("refused after %s", took)
	}
	disk.MakeRoom()
	f.nats.Stop()
	f.awaitAway()
	f.nats.Restart()
	f.awaitReady()
	streamtest.Eventually(t, "so is the test", f.nc.IsConnected)
	delete(stored, 0)
	s := stream.Open(f.js, streamtest.Name)
	for sequence := range stored {
		if _, err := s.Get(context.Background(), sequence); err != nil {
			t.Errorf("acknowledged at %d: %v", sequence, err)
		}
	}
	if last := f.mustSubmit(ada(), "").GetSequence(); last < uint64(len(stored)) {
		t.Errorf("stored at %d after %d", last, len(stored))
	}
}

// TestAllOrNothingOnAFullDisk has room for a part of the batch, at last.
func TestAllOrNothingOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := streamtest.NewDisk(t, 16<<10)
	f := newFixtureBeside(t, streamtest.Start(t, func(o *server.Options) { o.StoreDir, o.JetStreamMaxStore = disk.Dir, 1<<30 }), impatient)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	f.awaitReady()
	batch := some(1, 300)
	for room := 100; ; room -= 10 {
		disk.Fill(room)
		before := f.info().State.Msgs
		_, err := f.submitAll(batch, true)
		if err == nil {
			f.expectStored(before + 300)
			batch = some(int(before)+1000, int(before)+1299)
			continue
		}
		if code := connect.CodeOf(err); code != connect.CodeUnavailable && code != connect.CodeDeadlineExceeded {
			t.Fatalf("got %v", err)
		}
		disk.MakeRoom()
		f.nats.Stop()
		f.awaitAway()
		f.nats.Restart()
		f.awaitReady()
		streamtest.Eventually(t, "so is the test", f.nc.IsConnected)
		if after := f.info().State.Msgs; after != before && after != before+300 {
			t.Errorf("%d stored, before the batch %d", after, before)
		}
		if _, err := f.submitAll(batch, true); err != nil {
			t.Errorf("again: %v", err)
		}
		f.expectStored(before + 300)
		return
	}
}
