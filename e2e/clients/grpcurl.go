package clients

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	statuspb "google.golang.org/genproto/googleapis/rpc/status"

	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	contactv1 "rollcall/gen/contact/v1"
)

// Grpcurl knows the API from the server's reflection alone.
type Grpcurl struct {
	path   string
	server *servers.Server
}

// NewGrpcurl is grpcurl for a server.
func NewGrpcurl(t *testing.T, s *servers.Server) Grpcurl {
	t.Helper()

	return Grpcurl{programs.Grpcurl(t), s}
}

// Command calls a method.
func (g Grpcurl) Command(request, method string, options ...string) *exec.Cmd {
	options = append(options, g.security(), "-d", request, g.server.Address(), strings.TrimPrefix(method, "/"))

	return exec.Command(g.path, options...)
}

// Ask asks the server's reflection.
func (g Grpcurl) Ask(question string) *exec.Cmd {
	return exec.Command(g.path, append([]string{g.security(), g.server.Address()}, strings.Fields(question)...)...)
}

// security says by what the server is to be trusted.
func (g Grpcurl) security() string {
	if g.server.Certificate != "" {
		return "-cacert=" + g.server.Certificate
	}

	return "-plaintext"
}

// Submit implements Client.
func (g Grpcurl) Submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *Refusal) {
	t.Helper()

	var stderr bytes.Buffer

	command := g.Command(ToJSON(request), SubmitMethod, "-format-error")
	command.Stderr = &stderr

	output, err := command.Output()
	if err != nil {
		return nil, statusRefusal(t, FromJSON(t, stderr.Bytes(), new(statuspb.Status)))
	}

	return FromJSON(t, output, new(contactv1.SubmitPersonResponse)), nil
}

// Watch implements Client.
func (g Grpcurl) Watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	var responses []*contactv1.WatchPersonsResponse

	programs.WhileRunning(t, g.Command(ToJSON(request), WatchMethod), func(stdout io.Reader) {
		decoder := json.NewDecoder(stdout)

		for len(responses) == 0 || len(responses[len(responses)-1].GetEvents()) == 0 {
			var next json.RawMessage
			if err := decoder.Decode(&next); err != nil {
				t.Fatalf("the watch ended: %v", err)
			}

			responses = append(responses, FromJSON(t, next, new(contactv1.WatchPersonsResponse)))
		}
	})

	return responses
}
