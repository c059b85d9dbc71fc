package clients

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// Refusal is an error as a client shows it.
type Refusal struct {
	Code       string // as Connect writes it
	Violations *validate.Violations
}

func connectRefusal(t *testing.T, body []byte) *Refusal {
	t.Helper()

	var failure struct {
		Code    string `json:"code"`
		Details []struct {
			Type  string `json:"type"`
			Value string `json:"value"`
		} `json:"details"`
	}

	if err := json.Unmarshal(body, &failure); err != nil {
		t.Fatalf("%v in %q", err, body)
	}

	refused := &Refusal{failure.Code, new(validate.Violations)}

	for _, detail := range failure.Details {
		if detail.Type == "buf.validate.Violations" {
			decodeBase64(t, detail.Value, refused.Violations)
		}
	}

	return refused
}

func decodeBase64(t *testing.T, text string, message proto.Message) {
	t.Helper()

	encoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		t.Fatal(err)
	}

	if err := proto.Unmarshal(encoded, message); err != nil {
		t.Fatal(err)
	}
}

func grpcRefusal(t *testing.T, trailers http.Header) *Refusal {
	t.Helper()

	switch trailers.Get("Grpc-Status") {
	case "0":
		return nil
	case "":
		t.Fatalf("no status in %v", trailers)
	}

	status := new(statuspb.Status)
	decodeBase64(t, trailers.Get("Grpc-Status-Details-Bin"), status)

	return statusRefusal(t, status)
}

func statusRefusal(t *testing.T, status *statuspb.Status) *Refusal {
	t.Helper()

	code := codes.Code(status.GetCode()).String()
	if codes.Code(status.GetCode()) == codes.InvalidArgument {
		code = "invalid_argument"
	}

	refused := &Refusal{code, new(validate.Violations)}

	for _, detail := range status.GetDetails() {
		if detail.MessageIs(refused.Violations) {
			if err := detail.UnmarshalTo(refused.Violations); err != nil {
				t.Fatal(err)
			}
		}
	}

	return refused
}
