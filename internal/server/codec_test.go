package server_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

func TestJSONThatIsNoMessageIsToldAsViolations(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway(), subscriber())
	versions(t, func(t *testing.T, client *http.Client) {
		for _, test := range []struct {
			name, body string
			status     int
			says       []string // each with the field's path
		}{
			{"a message", `{"person":{"name":"A"}}`, http.StatusOK, nil},
			{"another type", `{"person":{"name":5}}`, http.StatusBadRequest, []string{"person.name: must be a string, not the number 5"}},
			{"an unknown field", `{"person":{"nmae":"A"}}`, http.StatusBadRequest, []string{`person.nmae: unknown field "nmae": Person has name, email, phones, birthdate`}},
			{"two mistakes", `{"person":{"name":5},"idempotencyKey":{}}`, http.StatusBadRequest, []string{
				"person.name: must be a string, not the number 5", "idempotency_key: must be a string, not an object",
			}},
			{"no JSON", `{"person":`, http.StatusBadRequest, []string{"column 11: the text ends where a value"}},
			{"nothing", ``, http.StatusBadRequest, []string{"must be an object with person, idempotencyKey; the request is empty"}},
		} {
			req := request(t, http.MethodPost, f.url(submitPath), strings.NewReader(test.body))
			req.Header.Set("Content-Type", "application/json")
			response := send(t, client, req)
			var answer struct {
				Code    string `json:"code"`
				Message string `json:"message"`
				Details []struct {
					Type  string `json:"type"`
					Debug struct {
						Violations []struct {
							Message string `json:"message"`
						} `json:"violations"`
					} `json:"debug"`
				} `json:"details"`
			}
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status {
				t.Errorf("%s: got %d, want %d", test.name, response.StatusCode, test.status)
			}
			if test.says == nil {
				continue
			}
			if answer.Code != "invalid_argument" || len(answer.Details) != 1 || answer.Details[0].Type != "buf.validate.Violations" ||
				len(answer.Details[0].Debug.Violations) != len(test.says) || !strings.HasPrefix(answer.Message, "validation error") {
				t.Errorf("%s: got %+v", test.name, answer)
			}
			for _, says := range test.says {
				contains(t, answer.Message, says)
			}
		}
	})
}

// TestViolationsOfJSONByEveryProtocol sends a watch's request, and an import's.
func TestViolationsOfJSONByEveryProtocol(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway(), subscriber())
	for name, options := range map[string][]connecthttp.Option{"Connect": nil, "gRPC": {connecthttp.WithGRPC()}, "gRPC-Web": {connecthttp.WithGRPCWeb()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := append(options, connecthttp.WithCodecs(rawJSON{connectproto.NewJSONCodec(), `{"last":"ten","resume":[]}`}), connecthttp.WithSendCodec("json"))
			client := connect.NewClient(connecthttp.NewTransport(newClient(t, "HTTP/2.0"), f.url(""), options...))
			watch, err := contactv1connect.NewWatchServiceClient(client).WatchPersons(t.Context(), &contactv1.WatchPersonsRequest{})
			if err == nil {
				defer watch.Close()
				_, err = watch.Receive()
			}
			expectViolation(t, err, "last")
			upload, err := contactv1connect.NewSubmitServiceClient(client).ImportPersons(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer upload.Close()
			_ = upload.Send(&contactv1.ImportPersonsRequest{})
			_, err = upload.Receive()
			expectViolation(t, err, "resume")
		})
	}
}

// rawJSON sends the same text for every message.
type rawJSON struct {
	*connectproto.JSONCodec

	text string
}

func expectViolation(t *testing.T, err error, path string) {
	t.Helper()
	var rpc *connect.Error
	if !errors.As(err, &rpc) || rpc.Code() != connect.CodeInvalidArgument || len(rpc.Details()) != 1 {
		t.Fatalf("got %v", err)
	}
	detail, err := connectproto.UnmarshalErrorDetail(rpc.Details()[0])
	violations, ok := detail.(*validate.Violations)
	if err != nil || !ok {
		t.Fatalf("got %v, %v", detail, err)
	}
	for _, violation := range violations.GetViolations() {
		if protovalidate.FieldPathString(violation.GetField()) == path {
			return
		}
	}
	t.Errorf("no violation of %s in %v", path, violations)
}

func TestBytesThatAreNoMessageAreToldSo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	for name, body := range map[string]string{"garbage": "hello, world", "a string that is not UTF-8": "\x12\x01\xff"} {
		for _, contentType := range []string{"application/proto", "application/grpc-web"} {
			if contentType != "application/proto" {
				body = string(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body)))) + body
			}
			req := request(t, http.MethodPost, f.url(submitPath), strings.NewReader(body))
			req.Header.Set("Content-Type", contentType)
			response := send(t, newClient(t, "HTTP/1.1"), req)
			answer := new(strings.Builder)
			_ = response.Header.Write(answer)
			var text [1000]byte
			n, _ := response.Body.Read(text[:])
			answer.Write(text[:n])
			if !strings.Contains(answer.String(), "not contact.v1.SubmitPersonRequest in Protobuf") || strings.Contains(answer.String(), "proto:") {
				t.Errorf("%s as %s: got %s", name, contentType, answer)
			}
		}
	}
}

// MarshalWrite implements connect.Codec.
func (c rawJSON) MarshalWrite(_ context.Context, dst io.Writer, _ any) error {
	_, err := io.WriteString(dst, c.text)
	return err
}
