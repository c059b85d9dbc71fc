package e2e

import (
	"net/http"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/e2e/servers"
)

// fixture has the roles apart, beside a NATS server.
type fixture struct {
	nats        *servers.NATS
	js          jetstream.JetStream
	gateway     *servers.Server
	subscribers [2]*servers.Server
}

func newFixture(t *testing.T, gatewayFlags ...string) *fixture {
	t.Helper()

	f := &fixture{nats: servers.StartNATS(t)}
	f.js = servers.ConnectNATS(t, f.nats.URL())
	f.gateway = servers.StartRollcall(t, "gateway", append([]string{"--nats", f.nats.URL(), "--create-stream"}, gatewayFlags...)...)
	f.gateway.AwaitReady(t, http.StatusOK)

	for i := range f.subscribers {
		f.subscribers[i] = servers.StartRollcall(t, "subscriber", "--nats", f.nats.URL())
		f.subscribers[i].AwaitReady(t, http.StatusOK)
	}

	return f
}
