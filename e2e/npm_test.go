package e2e

import (
	"encoding/json"
	"fmt"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"

	contactv1 "rollcall/gen/contact/v1"
)

// npmClient is one of the transports of @connectrpc/connect-node or connect-web.
type npmClient struct{ jobs *jobs }

func npmClients() []namedClient {
	var clients []namedClient

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

				clients = append(clients, namedClient{fmt.Sprintf("%s %s %s %s", transport.library, transport.protocol, version, codec.name), func(t *testing.T, s *server) foreign {
					t.Helper()

					return npmClient{startJobs(t, s.client(node("client.mjs", append(arguments, s.url)...)))}
				}})
			}
		}
	}

	return clients
}

func (c npmClient) submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *refusal) {
	t.Helper()

	var result struct {
		Response json.RawMessage
		Error    *struct {
			Code       string
			Violations json.RawMessage
		}
	}

	c.jobs.do(t, map[string]json.RawMessage{"submit": json.RawMessage(toJSON(request))}, &result)

	if failure := result.Error; failure != nil {
		return nil, &refusal{failure.Code, fromJSON(t, failure.Violations, new(validate.Violations))}
	}

	return fromJSON(t, result.Response, new(contactv1.SubmitPersonResponse)), nil
}

func (c npmClient) watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse {
	t.Helper()

	var result struct {
		Responses []json.RawMessage
	}

	c.jobs.do(t, map[string]json.RawMessage{"watch": json.RawMessage(toJSON(request))}, &result)

	responses := make([]*contactv1.WatchPersonsResponse, 0, len(result.Responses))
	for _, response := range result.Responses {
		responses = append(responses, fromJSON(t, response, new(contactv1.WatchPersonsResponse)))
	}

	return responses
}
