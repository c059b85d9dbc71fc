package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamName  = "stream"
	subjectName = "contact-person"
)

// natsServer is a NATS server in a process of its own, that comes back on the
// same port with the same files.
type natsServer struct {
	*process

	path, dir string
	port      int
}

func startNATS(t *testing.T) *natsServer {
	t.Helper()

	n := &natsServer{path: tool(t, buildNATS), dir: t.TempDir(), port: lastingPort(t)}
	n.start(t)

	return n
}

func (n *natsServer) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.port) }

func (n *natsServer) start(t *testing.T) {
	t.Helper()

	n.process = start(t, exec.Command(n.path,
		"--jetstream", "--store_dir", n.dir, "--addr", "127.0.0.1", "--port", strconv.Itoa(n.port)))
	n.line(t, func(line string) bool { return strings.Contains(line, "Server is ready") })
}

func (n *natsServer) stop(t *testing.T) {
	t.Helper()
	n.terminate()
	n.exitStatus(t)
}

// lastingPort returns a free port that stays free while its server is away: from
// below those that the system gives to connections.
func lastingPort(t *testing.T) int {
	t.Helper()

	for {
		port := 20000 + rand.IntN(10000)

		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}

		listener.Close()

		return port
	}
}

// connectNATS connects as any other NATS client would.
func connectNATS(t *testing.T, url string) jetstream.JetStream {
	t.Helper()

	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(nc.Close)

	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}

	return js
}

// stored returns how many messages the stream has.
func stored(t *testing.T, js jetstream.JetStream) uint64 {
	t.Helper()

	stream, err := js.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}

	return stream.CachedInfo().State.Msgs
}
