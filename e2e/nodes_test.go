package e2e

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/servers"
)

// TestGatewayWaitsForEnoughNodes wants a stream of three replicas where one node is up
// of three, and where two are all there is.
func TestGatewayWaitsForEnoughNodes(t *testing.T) {
	for name, up := range map[string]int{"one of three is up": 1, "two are all there is": 2} {
		t.Run(name, func(t *testing.T) {
			nodes := servers.NATSCluster(t, 3, map[int]int{1: 3, 2: 2}[up])
			for _, node := range nodes[:up] {
				node.Start(t)
			}

			const waits = "the stream can't be prepared yet"

			gateway := servers.StartRollcall(t, "gateway", "--nats", nodes[0].URL(), "--create-stream", "--replicas", "3")
			gateway.Line(t, func(line string) bool { return strings.Contains(line, waits) })
			gateway.AwaitReady(t, http.StatusServiceUnavailable)

			_, err := clients.Submit(t.Context(), gateway.Conn, clients.Submission(persons.Complete("early"), "early"))
			requireRefused(t, err, codes.Unavailable, "NO_STREAM")

			for _, node := range nodes[up:] {
				node.Start(t)
			}

			gateway.AwaitReady(t, http.StatusOK)
			clients.MustSubmit(t, gateway.Conn, clients.Submission(persons.Complete("early"), "early"))

			if said := strings.Count(strings.Join(gateway.Said(), "\n"), waits); said > 3 {
				t.Errorf("it said %d times that it waits", said)
			}
		})
	}
}
