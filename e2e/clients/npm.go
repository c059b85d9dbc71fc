package clients

import (
	"encoding/json"
	"fmt"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"

	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	contactv1 "rollcall/gen/contact/v1"
)

// npmClient is one of the transports of @connectrpc/connect-node or connect-web.
type npmClient struct{ jobs *programs.Jobs }

func npmClients() []Named {
	var clients []Named

	for _, transport := range []struct {
		library, protocol string
		versions          []string
	}{
		{"connect-node", "connect", []string{"1.1", "2"}},
		{"connect-node", "grpc-web", []string{"1.1", "2"}},
		{"connect-node", "grpc", []string{"2"}},
		{"connect-web", "connect", []string{"1.1"}}, // Node's fetch has no other
		{"connect-web", "grpc-web", []string{"1.1"}},
	} {
		for _, version := range transport.versions {
			for _, codec := range codecs {
				arguments := []string{transport.library, transport.protocol, version, codec.name}

				clients = append(clients, Named{fmt.Sprintf("%s %s %s %s", transport.library, transport.protocol, version, codec.name), func(t *testing.T, s *servers.Server) Client {
					t.Helper()

					return npmClient{programs.StartJobs(t, s.Trusted(programs.Node("client.mjs", append(arguments, s.URL)...)))}
				}})
			}
		}
	}

	return clients
}

func (c npmClient) Submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *Refusal) {
	t.Helper()

	var result struct {
		Response json.RawMessage
		Error    *struct {
			Code       string
			Violations json.RawMessage
		}
	}

	c.jobs.Do(t, map[string]json.RawMessage{"submit": json.RawMessage(ToJSON(request))}, &result)

	if failure := result.Error; failure != nil {
		return nil, &Refusal{failure.Code, FromJSON(t, failure.Violations, new(validate.Violations))}
	}

	return FromJSON(t, result.Response, new(contactv1.SubmitPersonResponse)), nil
}

func (c npmClient) Watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	var result struct {
		Responses []json.RawMessage
	}

	c.jobs.Do(t, map[string]json.RawMessage{"watch": json.RawMessage(ToJSON(request))}, &result)

	responses := make([]*contactv1.WatchPersonsResponse, 0, len(result.Responses))
	for _, response := range result.Responses {
		responses = append(responses, FromJSON(t, response, new(contactv1.WatchPersonsResponse)))
	}

	return responses
}
