package peer

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const readyTimeout = 30 * time.Second

var errNotReady = errors.New("the NATS server is not ready")

// coreNATS is a NATS server without JetStream: nothing is stored.
type coreNATS struct {
	server *server.Server
	nc     *nats.Conn
}

func startNATS() (Peer, error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		return nil, fmt.Errorf("set up a NATS server: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(readyTimeout) {
		return nil, errNotReady
	}
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return &coreNATS{server: s, nc: nc}, nil
}

// Address is where it listens.
func (n *coreNATS) Address() string { return n.server.Addr().String() }

// Publish publishes to the subject.
func (n *coreNATS) Publish(event []byte) error {
	if err := n.nc.Publish(topic, event); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// Close ends the server.
func (n *coreNATS) Close() {
	n.nc.Close()
	n.server.Shutdown()
	n.server.WaitForShutdown()
}
