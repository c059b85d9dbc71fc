package e2e

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/emptypb"

	"rollcall/e2e/servers"
	"rollcall/e2e/wait"
)

// TestWholeAPIIsServed asks for every procedure that the API's files have, and for
// the health of every service.
func TestWholeAPIIsServed(t *testing.T) {
	s := servers.StartServe(t, "--data", t.TempDir())
	health := grpc_health_v1.NewHealthClient(s.Conn)

	if len(apiServices()) < 3 {
		t.Fatalf("the API has the services %v", apiServices())
	}

	for _, service := range apiServices() {
		for i := range service.Methods().Len() {
			procedure := "/" + string(service.FullName()) + "/" + string(service.Methods().Get(i).Name())

			// What becomes of an empty request is another matter. No watch is waited for.
			ctx, cancel := context.WithTimeout(t.Context(), wait.Patience)
			stream, err := s.Conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, procedure)
			if err == nil {
				err = stream.SendMsg(new(emptypb.Empty))
			}

			if err == nil {
				_ = stream.CloseSend()
				err = stream.RecvMsg(new(emptypb.Empty))
			}

			cancel()

			if status.Code(err) == codes.Unimplemented {
				t.Errorf("%s: %v", procedure, err)
			}
		}

		got, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: string(service.FullName())})
		if err != nil || got.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			t.Errorf("%s: %v (%v)", service.FullName(), got.GetStatus(), err)
		}
	}
}

func apiServices() []protoreflect.ServiceDescriptor {
	var all []protoreflect.ServiceDescriptor

	protoregistry.GlobalFiles.RangeFilesByPackage("contact.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			all = append(all, file.Services().Get(i))
		}

		return true
	})

	return all
}
