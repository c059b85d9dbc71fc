package gateway_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// TestDeadlineThatIsOverStoresNothing has it over from the start, and while the
// request still comes.
func TestDeadlineThatIsOverStoresNothing(t *testing.T) {
	f := newFixture(t)
	one := &contactv1.SubmitPersonRequest{Person: ada(), IdempotencyKey: "key"}
	many := &contactv1.SubmitPersonsRequest{Submissions: some(1, 3)}
	together := &contactv1.SubmitPersonsRequest{Submissions: some(1, 3), AllOrNothing: true}
	const none = "nothing was stored"
	tests := []struct {
		name, method, contentType, header, timeout string
		request                                    proto.Message
		pause                                      time.Duration
		says                                       string
	}{
		{"Connect", "SubmitPerson", "application/proto", "Connect-Timeout-Ms", "0", one, 0, none},
		{"Connect, many", "SubmitPersons", "application/proto", "Connect-Timeout-Ms", "0", many, 0, none},
		{"Connect, all or nothing", "SubmitPersons", "application/proto", "Connect-Timeout-Ms", "0", together, 0, none},
		{"Connect, while it comes", "SubmitPerson", "application/proto", "Connect-Timeout-Ms", "20", one, 40 * time.Millisecond, none},
		{"gRPC-Web", "SubmitPerson", "application/grpc-web+proto", "Grpc-Timeout", "0n", one, 0, "grpc-status: 4"},
		{"gRPC-Web, many", "SubmitPersons", "application/grpc-web+proto", "Grpc-Timeout", "0S", many, 0, none},
		{"gRPC", "SubmitPerson", "application/grpc", "Grpc-Timeout", "0m", one, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body, err := proto.Marshal(test.request)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(test.contentType, "application/grpc") {
				body = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
			}
			request, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
				f.url+"/contact.v1.SubmitService/"+test.method, io.MultiReader(bytes.NewReader(body[:1]), pause(test.pause), bytes.NewReader(body[1:])))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", test.contentType)
			request.Header.Set(test.header, test.timeout)
			response, err := f.http.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			answer, err := io.ReadAll(response.Body)
			if err != nil || !strings.Contains(string(answer), test.says) {
				t.Errorf("got %q, %v", answer, err)
			}
			if test.contentType == "application/grpc" && response.Trailer.Get("Grpc-Status") != "4" {
				t.Errorf("got %v", response.Trailer)
			}
		})
	}
	f.expectStored(0)
}

// pause reads nothing, after a time.
type pause time.Duration

func (p pause) Read([]byte) (int, error) {
	time.Sleep(time.Duration(p))
	return 0, io.EOF
}
