package server

import (
	"iter"
	"slices"

	"connectrpc.com/connect/v2"
	"connectrpc.com/grpcreflect/v2"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	contactv1 "rollcall/gen/contact/v1"
)

// mountReflection adds gRPC reflection, v1 and v1alpha. Its streams are as long
// as a request's body may take.
func (s *Server) mountReflection() {
	var specs iter.Seq[connect.Spec]
	handler := s.endOnStop(s.mux.Connect(nil, func(rpc *connect.Server) {
		grpcreflect.Register(rpc, grpcreflect.WithNamer(grpcreflect.NamerFunc(s.reflected)))
		specs = rpc.Specs()
	}))
	for spec := range specs {
		s.mux.addRPC(spec.Procedure, unary, true, handler)
	}
}

// reflected returns the services that reflection lists: all of the API, whichever
// roles run here, and what every server has. One host serves all of them by path,
// and a tool's reflection request may end up at either role.
func (s *Server) reflected() []string {
	names := services(s.mux.routes)
	protoregistry.GlobalFiles.RangeFilesByPackage(contactv1.File_contact_v1_submit_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			names = append(names, string(file.Services().Get(i).FullName()))
		}
		return true
	})
	slices.Sort(names)
	return slices.Compact(names)
}
