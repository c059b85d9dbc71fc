package streamtest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// nodeConfig is the environment variable that names a node's configuration.
const nodeConfig = "ROLLCALL_STREAMTEST_NODE"

// RunNode turns this process into a node of a cluster if a test has started it as
// one, and returns at once otherwise. A package that starts clusters calls it first
// in TestMain: a node is the test's own binary, started once more.
func RunNode() {
	path := os.Getenv(nodeConfig)
	if path == "" {
		return
	}
	go func() { // the test keeps the other end open for as long as it lives
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := runNode(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runNode(path string) error {
	options, err := server.ProcessConfigFile(path)
	if err != nil {
		return fmt.Errorf("read the node's configuration: %w", err)
	}
	s, err := server.NewServer(options)
	if err != nil {
		return fmt.Errorf("set up the node: %w", err)
	}
	s.ConfigureLogger()
	s.Start()
	s.WaitForShutdown()
	return nil
}

// Node is one server of a cluster, a process of its own.
type Node struct {
	// Name is what JetStream calls it.
	Name string

	tb                     testing.TB
	dir                    string
	client, route, monitor int // ports
	command                *exec.Cmd
	stdin                  io.Closer
}

// URL is where clients reach the node.
func (n *Node) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.client) }

// Start starts the node, for the first time or again on the same files and ports.
func (n *Node) Start() {
	n.tb.Helper()
	n.command = exec.Command(os.Args[0]) //nolint:gosec,noctx // this binary, ended by Kill
	n.command.Env = append(os.Environ(), nodeConfig+"="+n.config())
	n.command.Stderr = os.Stderr
	var err error
	if n.stdin, err = n.command.StdinPipe(); err != nil {
		n.tb.Fatal(err)
	}
	if err := n.command.Start(); err != nil {
		n.tb.Fatalf("start node %s: %v", n.Name, err)
	}
}

// Running reports whether the node was started and not killed since.
func (n *Node) Running() bool { return n.command != nil }

// Kill is kill -9. The node's files stay.
func (n *Node) Kill() {
	if n.command == nil {
		return
	}
	_ = n.command.Process.Kill()
	_ = n.command.Wait()
	_ = n.stdin.Close()
	n.command = nil
}

// Freeze stops the process where it is, its connections open, as a machine that
// hangs does; Thaw lets it go on.
func (n *Node) Freeze() { n.signal(syscall.SIGSTOP) }

// Thaw lets a frozen node go on.
func (n *Node) Thaw() { n.signal(syscall.SIGCONT) }

func (n *Node) signal(s syscall.Signal) {
	n.tb.Helper()
	if err := n.command.Process.Signal(s); err != nil {
		n.tb.Fatalf("send %s to node %s: %v", s, n.Name, err)
	}
}

func (n *Node) config() string { return filepath.Join(n.dir, "node.conf") }

// LastingPort returns a free port that stays free while its server is away: from below
// those that the system gives to connections.
func LastingPort(tb testing.TB) int {
	tb.Helper()
	for range 1000 {
		port := 20_000 + rand.IntN(10_000) //nolint:gosec // any will do
		listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = listener.Close()
		return port
	}
	tb.Fatal("found no free port")
	return 0
}
