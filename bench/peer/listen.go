package peer

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// topic is what all events are published on, where there is such a thing.
const topic = "persons"

// anyPort is where peers listen.
const anyPort = "127.0.0.1:0"

func listen() (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", anyPort)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return listener, nil
}

// site is a peer's HTTP server.
type site struct {
	listener net.Listener
	server   *http.Server
}

func serveHTTP(handler http.Handler) (*site, error) {
	listener, err := listen()
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	s := &site{listener: listener, server: &http.Server{Handler: handler, Protocols: protocols, ReadHeaderTimeout: time.Minute}}
	go func() { _ = s.server.Serve(listener) }() // it ends when it is closed
	return s, nil
}

// Address is where it listens.
func (s *site) Address() string { return s.listener.Addr().String() }

// Close breaks off all that is going on.
func (s *site) Close() { _ = s.server.Close() }
