package server

import (
	"context"
	"net/http"
	"time"

	"connectrpc.com/grpchealth"
)

// healthInterval is how late a health watch may learn of a change: roles are
// asked, they do not tell.
const healthInterval = time.Second

// statusServiceUnknown is what a watch is told of a service that no role has. The
// library has no name for it.
const statusServiceUnknown grpchealth.Status = 3

// mountHealth adds the gRPC health service. A service is serving while the role
// that has it is ready, "" while all roles are. One that no role has is NOT_FOUND, and
// to a watch, which stays open, SERVICE_UNKNOWN.
func (s *Server) mountHealth() {
	path, handler := grpchealth.NewHandler(&health{server: s, unknown: grpchealth.NewStaticChecker()})
	s.mux.addRPC(path+"Check", unary, false, handler)
	s.mux.addRPC(path+"Watch", stream, true, s.endOnStop(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), healthWatchKey{}, true)))
	})))
}

// healthWatchKey tells a watch's check from one that is asked for.
type healthWatchKey struct{}

// health answers from the roles' readiness at the moment of asking.
type health struct {
	server *Server
	// unknown answers for services that no role has. It knows none.
	unknown *grpchealth.StaticChecker
}

// Check implements grpchealth.Checker.
func (h *health) Check(ctx context.Context, req *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	roles := h.server.rolesOf(req.Service)
	switch {
	case req.Service == "" || len(roles) > 0:
	case ctx.Value(healthWatchKey{}) != nil:
		return &grpchealth.CheckResponse{Status: statusServiceUnknown}, nil
	default:
		return h.unknown.Check(ctx, req)
	}
	if h.server.notReady(roles...) != "" {
		return &grpchealth.CheckResponse{Status: grpchealth.StatusNotServing}, nil
	}
	return &grpchealth.CheckResponse{Status: grpchealth.StatusServing}, nil
}

// Watch implements grpchealth.Watcher.
func (h *health) Watch(_ context.Context, _ *grpchealth.CheckRequest, onChange func()) (func(), error) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(healthInterval)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				onChange()
			}
		}
	}()
	return func() { close(done) }, nil
}

// rolesOf are the roles behind a service; "" is all of them.
func (s *Server) rolesOf(service string) []Role {
	if service == "" {
		return s.roles
	}
	return s.served[service]
}
