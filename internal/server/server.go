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
	"sync"
	"sync/atomic"
)

// Server serves some roles on one listener.
type Server struct {
	config   Config
	roles    []Role
	mux      *Mux
	served   map[string][]Role // by service, which roles serve it
	listener net.Listener
	http     *http.Server
	inFlight atomic.Int64 // requests whose handlers run
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
		HTTP2:             &http.HTTP2Config{WriteByteTimeout: stallTimeout},
		ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelWarn),
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", cfg.Listen, err)
	}
	s.listener = listener
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve serves until ctx is done, then stops in order within Config.StopTimeout:
// it is no longer ready, takes no new connections, tells the roles to stop, and
// waits for the requests in flight. It is nil when all of them came to their end;
// else it says how many were cut off. It may be called once.
func (s *Server) Serve(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.listener) }()
	select {
	case <-ctx.Done():
		err := s.stop(ctx)
		<-served //nolint:errcheck // Says only that the listener is closed, as stop has done.
		return err
	case err := <-served:
		return errors.Join(fmt.Errorf("serve: %w", err), s.stop(ctx))
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

// stop is the orderly end. ctx is what ended Serve; its values live on, its end
// does not bound the stop.
func (s *Server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.StopTimeout)
	defer cancel()
	s.beginEnd()
	s.config.Logger.InfoContext(ctx, "stopping", "requests", s.inFlight.Load())
	// Before the roles refuse new work, so that new clients find another replica
	// rather than a refusal. Shutdown closes it again, to no effect.
	_ = s.listener.Close()

	var roles sync.WaitGroup
	stopped := make([]error, len(s.roles))
	for i, role := range s.roles {
		roles.Go(func() { stopped[i] = stopRole(ctx, role) })
	}
	err := s.http.Shutdown(ctx)
	if taken := s.taken.wait(ctx); err == nil {
		err = taken
	}
	roles.Wait()
	if err != nil {
		err = s.cutOff(ctx, err)
	}
	return errors.Join(errors.Join(stopped...), err)
}

// stopRole does not wait for a role beyond ctx, whatever the role does.
func stopRole(ctx context.Context, role Role) error {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		role.Stop(ctx)
	}()
	select {
	case <-stopped:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-stopped: // Both at once: it kept to its bound.
		return nil
	default:
		return fmt.Errorf("stop %s: %w", role.Name(), ctx.Err())
	}
}

// cutOff closes what did not come to its end. Connections that carry no request
// (a browser opens some in advance) are closed without a word.
func (s *Server) cutOff(ctx context.Context, cause error) error {
	open := s.inFlight.Load()
	closed := s.http.Close()
	s.taken.close()
	if open == 0 {
		return closed
	}
	s.config.Logger.WarnContext(ctx, "requests cut off by the stop", "requests", open, "after", s.config.StopTimeout)
	return fmt.Errorf("stop: %d requests were cut off after %v: %w", open, s.config.StopTimeout, cause)
}
