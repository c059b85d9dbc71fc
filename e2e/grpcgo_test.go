package e2e

import (
	"context"
	"testing"

	"google.golang.org/grpc/status"

	contactv1 "rollcall/gen/contact/v1"
)

// grpcGo is google.golang.org/grpc, called by method names.
type grpcGo struct{ server *server }

func newGrpcGo(_ *testing.T, s *server) foreign { return grpcGo{s} }

func (g grpcGo) submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *refusal) {
	t.Helper()

	response, err := submit(t.Context(), g.server.conn, request)
	if err != nil {
		return nil, statusRefusal(t, status.Convert(err).Proto())
	}

	return response, nil
}

func (g grpcGo) watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	stream, err := openWatch(ctx, g.server.conn, request)
	if err != nil {
		t.Fatal(err)
	}

	var responses []*contactv1.WatchPersonsResponse

	for len(responses) == 0 || len(responses[len(responses)-1].GetEvents()) == 0 {
		response := new(contactv1.WatchPersonsResponse)
		if err := stream.RecvMsg(response); err != nil {
			t.Fatal(err)
		}

		responses = append(responses, response)
	}

	return responses
}
