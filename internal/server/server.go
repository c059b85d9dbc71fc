// Package server is the listener that the roles stand behind: HTTP/1.1 and HTTP/2
// without TLS on one port, what every service needs beside its own routes
// (health, reflection, probes, CORS, limits), and the orderly stop.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
)

// Server serves some roles on one listener.
type Server struct {
	config   Config
	roles    []Role
	mux      *Mux
	served   map[string][]Role // by service, which roles serve it
	listener *listener
	http     *http.Server
	inFlight atomic.Int64 // requests whose handlers run
	open     connections
	taken    takenConns

	// stopping is done from the moment the orderly end begins.
	stopping context.Context //nolint:containedctx // It is the server's state, not a call's.
	beginEnd context.CancelFunc
}

// New listens, so that Addr is known, mounts the parts and what all of them need,
// and serves nothing yet. The error says what of the configuration is wrong, or
// why the address cannot be had.
func New(cfg Config, parts ...Part) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("configure server: %w", err)
	}
	s := &Server{config: cfg, mux: NewMux(cfg), served: make(map[string][]Role)}
	s.stopping, s.beginEnd = context.WithCancel(context.Background())
	s.mount(parts)
	s.http = &http.Server{
		Handler:           s.handler(),
		Protocols:         protocols(),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnContext:       withConn,
		ConnState:         s.open.note,
		HTTP2:             &http.HTTP2Config{WriteByteTimeout: stallTimeout},
		ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelWarn),
	}
	var err error
	if s.listener, err = listen(cfg.Listen, &s.open); err != nil {
		return nil, fmt.Errorf("listen on %q: %w", cfg.Listen, err)
	}
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve serves until ctx is done, then stops in order within Config.StopTimeout:
// it is no longer ready, takes no new connections, tells the roles to stop, and
// answers every request that comes on the connections there are, until they are
// quiet. It is nil when all requests came to their end; else it says how many were
// cut off. It may be called once.
func (s *Server) Serve(ctx context.Context) error {
	var failed error
	served := make(chan struct{})
	go func() {
		defer close(served)
		failed = s.http.Serve(s.listener)
	}()
	select {
	case <-ctx.Done():
		return s.stop(ctx, served)
	case <-served:
		return errors.Join(fmt.Errorf("serve: %w", failed), s.stop(ctx, served))
	}
}

func protocols() *http.Protocols {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// mount adds the routes of all parts, and notes who serves what.
func (s *Server) mount(parts []Part) {
	s.mountProbes()
	s.mountHealth()
	s.mountReflection()
	for _, part := range parts {
		before := len(s.mux.routes)
		part.Mount(s.mux)
		role, works := part.(Role)
		if !works {
			continue
		}
		s.roles = append(s.roles, role)
		for _, service := range services(s.mux.routes[before:]) {
			s.served[service] = append(s.served[service], role)
		}
	}
}

// handler is all that is served, what comes first outermost.
func (s *Server) handler() http.Handler {
	return s.mux.limitBody(s.takeOver(s.observe(allowOrigins(s.config.AllowedOrigins, s.mux.pattern))))
}
