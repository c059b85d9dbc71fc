package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	statuspb "google.golang.org/genproto/googleapis/rpc/status"

	contactv1 "rollcall/gen/contact/v1"
)

// grpcurl knows the API from the server's reflection alone.
type grpcurl struct {
	path   string
	server *server
}

func newGrpcurl(t *testing.T, s *server) foreign {
	t.Helper()

	return grpcurl{tool(t, buildGrpcurl), s}
}

func (g grpcurl) command(request, method string, options ...string) *exec.Cmd {
	options = append(options, g.security(), "-d", request, g.server.address(), strings.TrimPrefix(method, "/"))

	return exec.Command(g.path, options...)
}

// security says by what the server is to be trusted.
func (g grpcurl) security() string {
	if g.server.certificate != "" {
		return "-cacert=" + g.server.certificate
	}

	return "-plaintext"
}

func (g grpcurl) submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *refusal) {
	t.Helper()

	var stderr bytes.Buffer

	command := g.command(toJSON(request), submitMethod, "-format-error")
	command.Stderr = &stderr

	output, err := command.Output()
	if err != nil {
		return nil, statusRefusal(t, fromJSON(t, stderr.Bytes(), new(statuspb.Status)))
	}

	return fromJSON(t, output, new(contactv1.SubmitPersonResponse)), nil
}

func (g grpcurl) watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	var responses []*contactv1.WatchPersonsResponse

	whileRunning(t, g.command(toJSON(request), watchMethod), func(stdout io.Reader) {
		decoder := json.NewDecoder(stdout)

		for len(responses) == 0 || len(responses[len(responses)-1].GetEvents()) == 0 {
			var next json.RawMessage
			if err := decoder.Decode(&next); err != nil {
				t.Fatalf("the watch ended: %v", err)
			}

			responses = append(responses, fromJSON(t, next, new(contactv1.WatchPersonsResponse)))
		}
	})

	return responses
}

func TestGrpcurlListsAndDescribes(t *testing.T) {
	requireReflection(t, grpcurl{tool(t, buildGrpcurl), startServe(t, "--data", t.TempDir())})
}

func requireReflection(t *testing.T, g grpcurl) {
	t.Helper()

	for question, answers := range map[string][]string{
		"list":                                    {"contact.v1.SubmitService", "contact.v1.WatchService", "grpc.health.v1.Health"},
		"describe contact.v1.SubmitService":       {"rpc SubmitPerson ( .contact.v1.SubmitPersonRequest ) returns ( .contact.v1.SubmitPersonResponse );"},
		"describe contact.v1.WatchService":        {"rpc WatchPersons ( .contact.v1.WatchPersonsRequest ) returns ( stream .contact.v1.WatchPersonsResponse );"},
		"describe contact.v1.SubmitPersonRequest": {".contact.v1.Person person = 1", "string idempotency_key = 2"},
	} {
		arguments := append([]string{g.security(), g.server.address()}, strings.Fields(question)...)

		output, err := exec.Command(g.path, arguments...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", question, err, output)
		}

		for _, answer := range answers {
			if !strings.Contains(string(output), answer) {
				t.Errorf("%s: no %q in %s", question, answer, output)
			}
		}
	}
}

func TestGrpcurlShowsViolations(t *testing.T) {
	s := startServe(t, "--data", t.TempDir())
	client := grpcurl{tool(t, buildGrpcurl), s}

	output, err := client.command(`{"person":{"name":"Ada","email":"ada"}}`, submitMethod).CombinedOutput()
	if err == nil {
		t.Fatalf("it was stored: %s", output)
	}

	for _, shown := range []string{"Code: InvalidArgument", "person.email", "buf.validate.Violations", "string.email"} {
		if !strings.Contains(string(output), shown) {
			t.Errorf("no %q in %s", shown, output)
		}
	}
}
