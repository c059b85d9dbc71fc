// Package listen is how the systems that are measured listen.
package listen

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// AnyPort is where they listen.
const AnyPort = "127.0.0.1:0"

// TCP listens for connections.
func TCP() (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", AnyPort)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return listener, nil
}

// Site is an HTTP server.
type Site struct {
	listener net.Listener
	server   *http.Server
}

// HTTP serves a handler, over HTTP/1.1 and over HTTP/2 without TLS.
func HTTP(handler http.Handler) (*Site, error) {
	listener, err := TCP()
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	s := &Site{listener: listener, server: &http.Server{Handler: handler, Protocols: protocols, ReadHeaderTimeout: time.Minute}}
	go func() { _ = s.server.Serve(listener) }() // it ends when it is closed
	return s, nil
}

// Address is where it listens.
func (s *Site) Address() string { return s.listener.Addr().String() }

// Close breaks off all that is going on.
func (s *Site) Close() { _ = s.server.Close() }
