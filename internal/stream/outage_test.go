package stream_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

func expectLogged(t *testing.T, log *streamtest.Log, want ...string) {
	t.Helper()
	streamtest.Eventually(t, "the log tells it", func() bool { return len(log.Messages()) >= len(want) })
	if got := log.Messages(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("logged %q, want %q:\n%s", got, want, log)
	}
}

// TestOutageIsTwoLines has one server of three addresses come, go and come back. Of the
// others one is refused, and one accepts and hangs up.
func TestOutageIsTwoLines(t *testing.T) {
	log := &streamtest.Log{}
	nats := streamtest.Start(t)
	nats.Stop()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var tries atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tries.Add(1)
			conn.Close()
		}
	}()
	severalTries := func() {
		before := tries.Load()
		streamtest.Eventually(t, "every address was tried several times", func() bool { return tries.Load() > before+3 })
	}
	nc, err := stream.Connect(stream.Access{URL: "nats://127.0.0.1:1," + nats.URL() + ",nats://" + listener.Addr().String()}, t.Name(), log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	severalTries()
	nats.Restart()
	want := []string{"NATS is not reached; trying again until it is", "NATS is back"}
	expectLogged(t, log, want...)
	nats.Stop()
	severalTries()
	nats.Restart()
	expectLogged(t, log, append(want, "NATS is away; trying again until it is back", "NATS is back")...)
}

// TestOutageSaysThatCredentialsAreRefused has a server come back that lets nobody in.
func TestOutageSaysThatCredentialsAreRefused(t *testing.T) {
	log := &streamtest.Log{}
	var options *server.Options
	nats := streamtest.Start(t, func(o *server.Options) { options = o })
	nc, err := stream.Connect(stream.Access{URL: nats.URL()}, t.Name(), log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nats.Stop()
	options.Username, options.Password = "somebody", "else"
	nats.Restart()
	expectLogged(t, log, "NATS is away; trying again until it is back", "NATS reports")
	nats.Stop()
	options.Username, options.Password = "", ""
	nats.Restart()
	expectLogged(t, log, "NATS is away; trying again until it is back", "NATS reports", "NATS is back")
}
