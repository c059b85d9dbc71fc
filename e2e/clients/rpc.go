package clients

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
)

// The methods that are called by name.
const (
	SubmitMethod = "/contact.v1.SubmitService/SubmitPerson"
	WatchMethod  = "/contact.v1.WatchService/WatchPersons"
)

// Submission is a request.
func Submission(person *contactv1.Person, key string) *contactv1.SubmitPersonRequest {
	return &contactv1.SubmitPersonRequest{Person: person, IdempotencyKey: key}
}

// Submit submits by grpc-go, which is what the tests use where the client is not
// what they are about.
func Submit(ctx context.Context, conn *grpc.ClientConn, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, wait.Patience)
	defer cancel()

	response := new(contactv1.SubmitPersonResponse)

	return response, conn.Invoke(ctx, SubmitMethod, request, response)
}

// MustSubmit fails the test if the person is refused.
func MustSubmit(t *testing.T, conn *grpc.ClientConn, request *contactv1.SubmitPersonRequest) *contactv1.SubmitPersonResponse {
	t.Helper()

	response, err := Submit(t.Context(), conn, request)
	if err != nil {
		t.Fatal(err)
	}

	return response
}

// Position is where a person was stored.
func Position(response *contactv1.SubmitPersonResponse) *contactv1.Position {
	return &contactv1.Position{Epoch: response.GetEpoch(), Sequence: response.GetSequence()}
}

// Detail returns the first detail of a type.
func Detail[D any](err error) (found D, ok bool) {
	for _, detail := range status.Convert(err).Details() {
		if found, ok = detail.(D); ok {
			return found, true
		}
	}

	return found, false
}

// FromAll asks for everything there is.
func FromAll() *contactv1.WatchPersonsRequest {
	return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_All{}}
}

// After asks for what follows a position.
func After(position *contactv1.Position) *contactv1.WatchPersonsRequest {
	return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_After{After: position}}
}

// OpenWatch begins a watch that ends with ctx.
func OpenWatch(ctx context.Context, conn *grpc.ClientConn, request *contactv1.WatchPersonsRequest) (grpc.ClientStream, error) {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, WatchMethod)
	if err != nil {
		return nil, err
	}

	if err := stream.SendMsg(request); err != nil {
		return nil, err
	}

	return stream, stream.CloseSend()
}
