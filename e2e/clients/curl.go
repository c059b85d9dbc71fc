package clients

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os/exec"
	"strings"
	"testing"

	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	contactv1 "rollcall/gen/contact/v1"
)

// curl speaks Connect, or gRPC-Web.
type curl struct {
	server *servers.Server
	http   string // the option that chooses the version
	web    bool
	codec  codec
}

func curlClients() []Named {
	var clients []Named

	for _, version := range []string{"--http1.1", "--http2-prior-knowledge"} {
		for _, codec := range codecs {
			for _, web := range []bool{false, true} {
				name := fmt.Sprintf("curl %s Connect %s", version, codec.name)
				if web {
					name = fmt.Sprintf("curl %s gRPC-Web %s", version, codec.name)
				}

				clients = append(clients, Named{name, func(t *testing.T, s *servers.Server) Client {
					t.Helper()
					programs.NeedCommand(t, "curl")

					return &curl{s, version, web, codec}
				}})
			}
		}
	}

	return clients
}

func (c *curl) command(method, contentType string, body []byte, options ...string) *exec.Cmd {
	version := c.http
	if c.server.Certificate != "" {
		// By ALPN there is no knowledge to have before.
		version = strings.TrimSuffix(version, "-prior-knowledge")
		options = append(options, "--cacert", c.server.Certificate)
	}

	options = append(options, "--silent", "--show-error", version, "--header", "Content-Type: "+contentType,
		"--data-binary", "@-", c.server.URL+method)
	command := exec.Command("curl", options...)
	command.Stdin = bytes.NewReader(body)

	return command
}

func (c *curl) Submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *Refusal) {
	t.Helper()

	if c.web {
		return c.submitWeb(t, request)
	}

	command := c.command(SubmitMethod, "application/"+c.codec.name, c.codec.encode(t, request), "--write-out", "\n%{http_code} %{http_version}")

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

// submitWeb speaks gRPC-Web, whose trailers are a frame of their own.
func (c *curl) submitWeb(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *Refusal) {
	t.Helper()

	body := Frame{Payload: c.codec.encode(t, request)}.Bytes()

	output, err := c.command(SubmitMethod, "application/grpc-web+"+c.codec.name, body, "--include").Output()
	if err != nil {
		t.Fatal(err)
	}

	heading, content, _ := bytes.Cut(output, []byte("\r\n\r\n"))
	trailers := readHeaders(t, heading[bytes.IndexByte(heading, '\n')+1:])
	response := new(contactv1.SubmitPersonResponse)

	for reader := bytes.NewReader(content); reader.Len() > 0; {
		frame, err := ReadFrame(reader)
		if err != nil {
			t.Fatal(err)
		}

		if frame.Flags == grpcWebEnd {
			trailers = readHeaders(t, frame.Payload)

			continue
		}

		c.codec.decode(t, frame.Payload, response)
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

func (c *curl) Watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	contentType, end := "application/connect+", byte(ConnectEnd)
	if c.web {
		contentType, end = "application/grpc-web+", grpcWebEnd
	}

	body := Frame{Payload: c.codec.encode(t, request)}.Bytes()
	command := c.command(WatchMethod, contentType+c.codec.name, body, "--no-buffer")

	var responses []*contactv1.WatchPersonsResponse

	programs.WhileRunning(t, command, func(stdout io.Reader) {
		for len(responses) == 0 || len(responses[len(responses)-1].GetEvents()) == 0 {
			frame, err := ReadFrame(stdout)
			if err != nil || frame.Flags == end {
				t.Fatalf("the watch ended: %v, %s", err, frame.Payload)
			}

			response := new(contactv1.WatchPersonsResponse)
			c.codec.decode(t, frame.Payload, response)

			responses = append(responses, response)
		}
	})

	return responses
}
