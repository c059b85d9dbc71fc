package server

import (
	"net/http"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect/v2"

	"rollcall/gen/contact/v1/contactv1connect"
)

// reflected are the services that reflection lists, whichever roles run here: one
// host serves all of them by path, and a tool's reflection request may end up at
// either role.
func reflected() []string {
	return []string{
		contactv1connect.SubmitServiceName,
		contactv1connect.WatchServiceName,
		grpchealth.HealthV1ServiceName,
		grpcreflect.ReflectV1ServiceName,
		grpcreflect.ReflectV1AlphaServiceName,
	}
}

// mountReflection adds gRPC reflection, v1 and v1alpha. Its streams are as long
// as a request's body may take.
func (s *Server) mountReflection(mux *http.ServeMux) {
	server := connect.NewServer()
	grpcreflect.Register(server, grpcreflect.WithNamer(grpcreflect.NamerFunc(reflected)))
	routes := http.NewServeMux()
	connecthttp.Mount(routes, server, RPCOptions()...)
	handler := s.endOnStop(routes)
	mux.Handle("/"+grpcreflect.ReflectV1ServiceName+"/", handler)
	mux.Handle("/"+grpcreflect.ReflectV1AlphaServiceName+"/", handler)
}
