package server_test

import (
	"slices"
	"testing"

	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	"rollcall/internal/server"
)

var everyService = []string{
	"contact.v1.StatusService",
	"contact.v1.SubmitService",
	"contact.v1.WatchService",
	"grpc.health.v1.Health",
	"grpc.reflection.v1.ServerReflection",
	"grpc.reflection.v1alpha.ServerReflection",
}

func TestEitherRoleReflectsEveryService(t *testing.T) {
	t.Parallel()
	for _, role := range []*role{gateway(), subscriber()} {
		t.Run(role.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, server.Config{}, role)
			stream, err := reflectionv1.NewServerReflectionClient(dial(t, f)).ServerReflectionInfo(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := list(t, stream); !slices.Equal(got, everyService) {
				t.Errorf("got %v, want %v", got, everyService)
			}
			for _, service := range everyService {
				if files := describe(t, stream, service); files == 0 {
					t.Errorf("%s is not described", service)
				}
			}
		})
	}
}

func TestReflectionV1Alpha(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	stream, err := reflectionv1alpha.NewServerReflectionClient(dial(t, f)).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	question := &reflectionv1alpha.ServerReflectionRequest{
		MessageRequest: &reflectionv1alpha.ServerReflectionRequest_ListServices{},
	}
	if err := stream.Send(question); err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(answer.GetListServicesResponse().GetService()); got != len(everyService) {
		t.Errorf("got %d services, want %d", got, len(everyService))
	}
}

type reflection = reflectionv1.ServerReflection_ServerReflectionInfoClient

func list(t *testing.T, stream reflection) []string {
	t.Helper()
	answer := question(t, stream, &reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{},
	})
	var names []string
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	slices.Sort(names)
	return names
}

// describe is how many files describe a service, those sent before left out.
func describe(t *testing.T, stream reflection, service string) int {
	t.Helper()
	answer := question(t, stream, &reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service},
	})
	return len(answer.GetFileDescriptorResponse().GetFileDescriptorProto())
}

func question(
	t *testing.T, stream reflection, request *reflectionv1.ServerReflectionRequest,
) *reflectionv1.ServerReflectionResponse {
	t.Helper()
	if err := stream.Send(request); err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
