package servers

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/e2e/programs"
	"rollcall/internal/stream/streamtest"
)

// What rollcall calls its stream, and the subject of its messages.
const (
	StreamName  = "stream"
	SubjectName = "contact-person"
)

// NATS is a NATS server in a process of its own, that comes back on the
// same port with the same files.
type NATS struct {
	*programs.Process

	path, dir string
	port      int
	// cluster is the arguments of one that is a node of a cluster.
	cluster []string
}

// StartNATS starts one that listens.
func StartNATS(t *testing.T) *NATS {
	t.Helper()

	n := &NATS{path: programs.NATS(t), dir: t.TempDir(), port: streamtest.LastingPort(t)}
	n.Start(t)

	return n
}

// URL is where it listens.
func (n *NATS) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.port) }

// Start starts it, again if it has ended.
func (n *NATS) Start(t *testing.T) {
	t.Helper()

	arguments := append([]string{"--jetstream", "--store_dir", n.dir, "--addr", "127.0.0.1", "--port", strconv.Itoa(n.port)}, n.cluster...)
	n.Process = programs.Start(t, exec.Command(n.path, arguments...))
	n.Line(t, func(line string) bool { return strings.Contains(line, "Server is ready") })
}

// NATSCluster returns the nodes of a cluster, none of which is started. The first ones
// know of so many.
func NATSCluster(t *testing.T, nodes, known int) []*NATS {
	t.Helper()

	routes := make([]string, nodes)
	for i := range routes {
		routes[i] = fmt.Sprintf("nats://127.0.0.1:%d", streamtest.LastingPort(t))
	}

	all := make([]*NATS, nodes)
	for i := range all {
		all[i] = &NATS{path: programs.NATS(t), dir: t.TempDir(), port: streamtest.LastingPort(t)}
		all[i].cluster = []string{
			"--name", fmt.Sprint("node-", i), "--cluster_name", "e2e",
			"--cluster", routes[i], "--routes", strings.Join(routes[:max(known, i+1)], ","),
		}
	}

	return all
}

// Stop ends it in order.
func (n *NATS) Stop(t *testing.T) {
	t.Helper()
	n.Terminate()
	n.ExitStatus(t)
}

// ConnectNATS connects as any other NATS client would.
func ConnectNATS(t *testing.T, url string) jetstream.JetStream {
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

// Stored returns how many messages the stream has.
func Stored(t *testing.T, js jetstream.JetStream) uint64 {
	t.Helper()

	stream, err := js.Stream(t.Context(), StreamName)
	if err != nil {
		t.Fatal(err)
	}

	return stream.CachedInfo().State.Msgs
}
