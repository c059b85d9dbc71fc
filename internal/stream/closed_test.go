package stream

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

func TestOnlyAConnectionThatClosesByItselfIsSaid(t *testing.T) {
	for _, byItself := range []bool{false, true} {
		s, err := server.NewServer(&server.Options{DontListen: true, NoLog: true, NoSigs: true})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		var said bytes.Buffer
		closed := make(chan struct{})
		options := append(always(t.Name(), slog.New(slog.NewTextHandler(&said, nil))), nats.InProcessServer(s), nats.MaxReconnects(1))
		nc, err := nats.Connect("", options...)
		if err != nil {
			t.Fatal(err)
		}
		say := nc.ClosedHandler()
		nc.SetClosedHandler(func(nc *nats.Conn) {
			say(nc)
			close(closed)
		})
		if byItself {
			s.Shutdown()
			select {
			case <-closed:
			case <-time.After(30 * time.Second):
				t.Fatal("it does not close")
			}
		} else {
			nc.Close()
			time.Sleep(100 * time.Millisecond) // nothing is to come
		}
		s.Shutdown()
		s.WaitForShutdown()
		if got := strings.Contains(said.String(), "level=ERROR msg=\"the connection to NATS is closed for good"); got != byItself {
			t.Errorf("closes by itself: %v; said %q", byItself, said.String())
		}
	}
}
