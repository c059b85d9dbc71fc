package e2e

import (
	"context"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	contactv1 "rollcall/gen/contact/v1"
)

const (
	submitMethod = "/contact.v1.SubmitService/SubmitPerson"
	watchMethod  = "/contact.v1.WatchService/WatchPersons"
)

func submission(person *contactv1.Person, key string) *contactv1.SubmitPersonRequest {
	return &contactv1.SubmitPersonRequest{Person: person, IdempotencyKey: key}
}

// submit submits by grpc-go, which is what the tests use where the client is not
// what they are about.
func submit(ctx context.Context, conn *grpc.ClientConn, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	response := new(contactv1.SubmitPersonResponse)

	return response, conn.Invoke(ctx, submitMethod, request, response)
}

func mustSubmit(t *testing.T, conn *grpc.ClientConn, request *contactv1.SubmitPersonRequest) *contactv1.SubmitPersonResponse {
	t.Helper()

	response, err := submit(t.Context(), conn, request)
	if err != nil {
		t.Fatal(err)
	}

	return response
}

func position(response *contactv1.SubmitPersonResponse) *contactv1.Position {
	return &contactv1.Position{Epoch: response.GetEpoch(), Sequence: response.GetSequence()}
}

// detail returns the first detail of a type.
func detail[D any](err error) (found D, ok bool) {
	for _, detail := range status.Convert(err).Details() {
		if found, ok = detail.(D); ok {
			return found, true
		}
	}

	return found, false
}

// requireRefused checks the code and the reason of a refusal.
func requireRefused(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()

	if status.Code(err) != code {
		t.Fatalf("%v, not %v", err, code)
	}

	info, ok := detail[*errdetails.ErrorInfo](err)
	if !ok || info.GetReason() != reason {
		t.Fatalf("%v has the reason %q, not %q", err, info.GetReason(), reason)
	}
}

// requireRetryHint checks that a refusal says when to come again.
func requireRetryHint(t *testing.T, err error) {
	t.Helper()

	info, ok := detail[*errdetails.RetryInfo](err)
	if !ok || info.GetRetryDelay().AsDuration() <= 0 || info.GetRetryDelay().AsDuration() > time.Minute {
		t.Fatalf("%v has the RetryInfo %v", err, info)
	}
}

func fromAll() *contactv1.WatchPersonsRequest {
	return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_All{}}
}

func after(position *contactv1.Position) *contactv1.WatchPersonsRequest {
	return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_After{After: position}}
}

// openWatch begins a watch that ends with ctx.
func openWatch(ctx context.Context, conn *grpc.ClientConn, request *contactv1.WatchPersonsRequest) (grpc.ClientStream, error) {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, watchMethod)
	if err != nil {
		return nil, err
	}

	if err := stream.SendMsg(request); err != nil {
		return nil, err
	}

	return stream, stream.CloseSend()
}
