package clients

import (
	"context"
	"testing"

	"google.golang.org/grpc/status"

	"rollcall/e2e/servers"
	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
)

// grpcGo is google.golang.org/grpc, called by method names.
type grpcGo struct{ server *servers.Server }

func newGrpcGo(_ *testing.T, s *servers.Server) Client { return grpcGo{s} }

func (g grpcGo) Submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *Refusal) {
	t.Helper()

	response, err := Submit(t.Context(), g.server.Conn, request)
	if err != nil {
		return nil, statusRefusal(t, status.Convert(err).Proto())
	}

	return response, nil
}

func (g grpcGo) Watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	ctx, cancel := context.WithTimeout(t.Context(), wait.Patience)
	defer cancel()

	stream, err := OpenWatch(ctx, g.server.Conn, request)
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
