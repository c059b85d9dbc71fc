// Package clients has clients that nobody here wrote, behind one interface.
package clients

import (
	"slices"
	"testing"

	"rollcall/e2e/servers"
	contactv1 "rollcall/gen/contact/v1"
)

// Client is a client that nobody here wrote, with one protocol and codec.
type Client interface {
	// Submit returns the answer, or the refusal if there is one.
	Submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *Refusal)
	// Watch returns what comes up to and with the first events.
	Watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse
}

// Named is a client for which there is a name.
type Named struct {
	Name string
	New  func(*testing.T, *servers.Server) Client
}

// All are the clients, each with every protocol and codec that it has.
func All() []Named {
	return slices.Concat(curlClients(), []Named{
		{"grpcurl", func(t *testing.T, s *servers.Server) Client { return NewGrpcurl(t, s) }},
		{"grpc-go", newGrpcGo},
	}, npmClients())
}
