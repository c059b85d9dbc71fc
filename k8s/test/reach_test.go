package k8stest

import (
	"context"
	"net"
	"os/exec"
	"testing"
	"time"
)

// The names that the chart gives to Deployments and Services.
const (
	gateway    = "rollcall-gateway"
	subscriber = "rollcall-subscriber"
	port       = "8080"
)

// reach is the host and port of a Service from here: its own address where that is
// reached, as on a node, else a port that kubectl forwards for as long as the test runs.
func (c *cluster) reach(t *testing.T, service string) string {
	t.Helper()

	address := net.JoinHostPort(c.kubectl(t, "--namespace", services, "get", "service", service, "--output", "jsonpath={.spec.clusterIP}"), port)

	connection, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(t.Context(), "tcp", address)
	if err == nil {
		connection.Close()

		return address
	}

	return c.forward(t, service)
}

// forward forwards a port to one of the Service's pods, and to another when that ends.
func (c *cluster) forward(t *testing.T, service string) string {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	address := listener.Addr().String()
	listener.Close()

	_, local, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})

	t.Cleanup(func() {
		cancel()
		<-ended
	})

	go func() {
		defer close(ended)

		for ctx.Err() == nil {
			_ = exec.CommandContext(ctx, "kubectl", "--context", c.context, "--namespace", services,
				"port-forward", "service/"+service, local+":"+port).Run() // it ends with its pod
		}
	}()

	return address
}
