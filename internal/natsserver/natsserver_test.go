package natsserver_test

import (
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"rollcall/internal/natsserver"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

var discard = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.(*stream).internalLoop"))
}

func epoch(t *testing.T, js jetstream.JetStream) string {
	t.Helper()
	state, err := stream.Open(js, streamtest.Name).State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return state.Epoch
}

func TestServerKeepsItsStreamAndItsFolderToItself(t *testing.T) {
	cfg := natsserver.Config{Dir: filepath.Join(t.TempDir(), "data"), SyncInterval: time.Second}
	var first string
	for range 2 {
		embedded, err := natsserver.Start(cfg, discard)
		if err != nil {
			t.Fatal(err)
		}
		if url := embedded.URL(); url != "" {
			t.Errorf("it listens at %s, unasked", url)
		}
		if _, err := natsserver.Start(cfg, discard); err == nil || !errors.Is(err, natsserver.ErrInUse) {
			t.Errorf("second on the same folder: %v, want a refusal", err)
		}
		nc, err := embedded.Connect(t.Name(), discard)
		if err != nil {
			t.Fatal(err)
		}
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Apply(t.Context(), js, streamtest.Config()); err != nil {
			t.Fatal(err)
		}
		epoch := epoch(t, js)
		if first == "" {
			first = epoch
		}
		if epoch != first {
			t.Errorf("epoch after a restart: %s, before: %s", epoch, first)
		}
		nc.Close()
		embedded.Stop()
	}
}

func TestServerListensWhenAsked(t *testing.T) {
	embedded, err := natsserver.Start(natsserver.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", SyncInterval: time.Second}, discard)
	if err != nil {
		t.Fatal(err)
	}
	defer embedded.Stop()
	nc, err := stream.Connect(stream.Access{URL: embedded.URL()}, t.Name(), discard)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if !nc.IsConnected() {
		t.Errorf("not reached at %s", embedded.URL())
	}
}

func TestServerRefusesWhatItCannotUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, listen := range []string{"nonsense", "127.0.0.1:port", "127.0.0.1:70000", taken.Addr().String()} {
		if _, err := natsserver.Start(natsserver.Config{Dir: t.TempDir(), Listen: listen}, discard); err == nil || !errors.Is(err, natsserver.ErrListen) {
			t.Errorf("listen on %q: %v, want ErrListen", listen, err)
		}
	}
	if _, err := natsserver.Start(natsserver.Config{Dir: "/proc/nowhere"}, discard); err == nil {
		t.Error("a folder that can't be made: want an error")
	}
}
