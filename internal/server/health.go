package server

import (
	"context"
	"time"

	"connectrpc.com/grpchealth"
)

// healthInterval is how late a health watch may learn of a change: roles are
// asked, they do not tell.
const healthInterval = time.Second

// mountHealth adds the gRPC health service. A service is serving while the role
// that has it is ready, "" while all roles are, and a service that no role has is
// NOT_FOUND.
func (s *Server) mountHealth() {
	path, handler := grpchealth.NewHandler(&health{server: s, unknown: grpchealth.NewStaticChecker()})
	s.mux.addRPC(path+"Check", unary, false, handler)
	s.mux.addRPC(path+"Watch", stream, true, s.endOnStop(handler))
}

// health answers from the roles' readiness at the moment of asking.
type health struct {
	server *Server
	// unknown answers for services that no role has. It knows none.
	unknown *grpchealth.StaticChecker
}

// Check implements grpchealth.Checker.
func (h *health) Check(ctx context.Context, req *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	roles := h.server.rolesOf(req.Service)
	if req.Service != "" && len(roles) == 0 {
		return h.unknown.Check(ctx, req)
	}
	if h.server.notReady(roles...) != "" {
		return &grpchealth.CheckResponse{Status: grpchealth.StatusNotServing}, nil
	}
	return &grpchealth.CheckResponse{Status: grpchealth.StatusServing}, nil
}

// Watch implements grpchealth.Watcher.
func (h *health) Watch(ctx context.Context, req *grpchealth.CheckRequest, onChange func()) (func(), error) {
	if _, err := h.Check(ctx, req); err != nil {
		return nil, err
	}
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
