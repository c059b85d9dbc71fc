package e2e

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os/exec"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// curl speaks Connect, or gRPC-Web.
type curl struct {
	server *server
	http   string // the option that chooses the version
	web    bool
	codec  codec
}

func curlClients() []namedClient {
	var clients []namedClient

	for _, version := range []string{"--http1.1", "--http2-prior-knowledge"} {
		for _, codec := range codecs {
			for _, web := range []bool{false, true} {
				name := fmt.Sprintf("curl %s Connect %s", version, codec.name)
				if web {
					name = fmt.Sprintf("curl %s gRPC-Web %s", version, codec.name)
				}

				clients = append(clients, namedClient{name, func(t *testing.T, s *server) foreign {
					t.Helper()
					needCommand(t, "curl")

					return &curl{s, version, web, codec}
				}})
			}
		}
	}

	return clients
}

func (c *curl) command(method, contentType string, body []byte, options ...string) *exec.Cmd {
	version := c.http
	if c.server.certificate != "" {
		// By ALPN there is no knowledge to have before.
		version = strings.TrimSuffix(version, "-prior-knowledge")
		options = append(options, "--cacert", c.server.certificate)
	}

	options = append(options, "--silent", "--show-error", version, "--header", "Content-Type: "+contentType,
		"--data-binary", "@-", c.server.url+method)
	command := exec.Command("curl", options...)
	command.Stdin = bytes.NewReader(body)

	return command
}

func (c *curl) submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *refusal) {
	t.Helper()

	if c.web {
		return c.submitWeb(t, request)
	}

	command := c.command(submitMethod, "application/"+c.codec.name, c.codec.encode(t, request), "--write-out", "\n%{http_code} %{http_version}")

	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}

	end := bytes.LastIndexByte(output, '\n')
	body, outcome := output[:end], string(output[end+1:])
	c.requireVersion(t, outcome)

	if !strings.HasPrefix(outcome, "200 ") {
		return nil, connectRefusal(t, body)
	}

	response := new(contactv1.SubmitPersonResponse)
	c.codec.decode(t, body, response)

	return response, nil
}

// requireVersion checks that the test is about the version it says.
func (c *curl) requireVersion(t *testing.T, outcome string) {
	t.Helper()

	want := " 1.1"
	if c.http != "--http1.1" {
		want = " 2"
	}

	if !strings.HasSuffix(outcome, want) {
		t.Fatalf("answered with %q, not by HTTP%s", outcome, want)
	}
}

func connectRefusal(t *testing.T, body []byte) *refusal {
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

	refused := &refusal{failure.Code, new(validate.Violations)}

	for _, detail := range failure.Details {
		if detail.Type == "buf.validate.Violations" {
			decodeBase64(t, detail.Value, refused.violations)
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

// submitWeb speaks gRPC-Web, whose trailers are a frame of their own.
func (c *curl) submitWeb(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *refusal) {
	t.Helper()

	body := frame{payload: c.codec.encode(t, request)}.bytes()

	output, err := c.command(submitMethod, "application/grpc-web+"+c.codec.name, body, "--include").Output()
	if err != nil {
		t.Fatal(err)
	}

	heading, content, _ := bytes.Cut(output, []byte("\r\n\r\n"))
	trailers := readHeaders(t, heading[bytes.IndexByte(heading, '\n')+1:])
	response := new(contactv1.SubmitPersonResponse)

	for reader := bytes.NewReader(content); reader.Len() > 0; {
		frame, err := readFrame(reader)
		if err != nil {
			t.Fatal(err)
		}

		if frame.flags == grpcWebEnd {
			trailers = readHeaders(t, frame.payload)

			continue
		}

		c.codec.decode(t, frame.payload, response)
	}

	return response, grpcRefusal(t, trailers)
}

func readHeaders(t *testing.T, lines []byte) http.Header {
	t.Helper()

	reader := textproto.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(lines), strings.NewReader("\r\n\r\n"))))

	headers, err := reader.ReadMIMEHeader()
	if err != nil {
		t.Fatalf("%v in %q", err, lines)
	}

	return http.Header(headers)
}

func grpcRefusal(t *testing.T, trailers http.Header) *refusal {
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

func statusRefusal(t *testing.T, status *statuspb.Status) *refusal {
	t.Helper()

	code := codes.Code(status.GetCode()).String()
	if codes.Code(status.GetCode()) == codes.InvalidArgument {
		code = "invalid_argument"
	}

	refused := &refusal{code, new(validate.Violations)}

	for _, detail := range status.GetDetails() {
		if detail.MessageIs(refused.violations) {
			if err := detail.UnmarshalTo(refused.violations); err != nil {
				t.Fatal(err)
			}
		}
	}

	return refused
}

func (c *curl) watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	contentType, end := "application/connect+", byte(connectEnd)
	if c.web {
		contentType, end = "application/grpc-web+", grpcWebEnd
	}

	body := frame{payload: c.codec.encode(t, request)}.bytes()
	command := c.command(watchMethod, contentType+c.codec.name, body, "--no-buffer")

	var responses []*contactv1.WatchPersonsResponse

	whileRunning(t, command, func(stdout io.Reader) {
		for len(responses) == 0 || len(responses[len(responses)-1].GetEvents()) == 0 {
			frame, err := readFrame(stdout)
			if err != nil || frame.flags == end {
				t.Fatalf("the watch ended: %v, %s", err, frame.payload)
			}

			response := new(contactv1.WatchPersonsResponse)
			c.codec.decode(t, frame.payload, response)

			responses = append(responses, response)
		}
	})

	return responses
}
