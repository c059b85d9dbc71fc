package server_test

import (
	"errors"
	"io"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

const (
	serving    = healthv1.HealthCheckResponse_SERVING
	notServing = healthv1.HealthCheckResponse_NOT_SERVING
)

func TestHealthFollowsReadiness(t *testing.T) {
	t.Parallel()
	gateway, subscriber := gateway(), subscriber()
	f := newFixture(t, server.Config{}, gateway, subscriber)
	client := healthv1.NewHealthClient(dial(t, f))
	check := func(service string, want healthv1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		got, err := client.Check(t.Context(), &healthv1.HealthCheckRequest{Service: service})
		if err != nil || got.GetStatus() != want {
			t.Errorf("%q: got %v (%v), want %v", service, got.GetStatus(), err, want)
		}
	}
	check("", serving)
	check(contactv1connect.SubmitServiceName, serving)
	check(contactv1connect.WatchServiceName, serving)

	gateway.setReady(errors.New("NATS is away"))
	check("", notServing)
	check(contactv1connect.SubmitServiceName, notServing)
	check(contactv1connect.WatchServiceName, serving)

	gateway.setReady(nil)
	check("", serving)
}

func TestHealthKnowsOnlyItsRoles(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	client := healthv1.NewHealthClient(dial(t, f))
	_, err := client.Check(t.Context(), &healthv1.HealthCheckRequest{Service: contactv1connect.WatchServiceName})
	if status.Code(err) != codes.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}
}

// TestHealthWatchOfAServiceThatIsNotThere stays open, as the specification has it.
func TestHealthWatchOfAServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	watch, err := healthv1.NewHealthClient(dial(t, f)).Watch(t.Context(), &healthv1.HealthCheckRequest{Service: "contact.v1.WatchService"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := watch.Recv()
	if err != nil || got.GetStatus() != healthv1.HealthCheckResponse_SERVICE_UNKNOWN {
		t.Fatalf("got %v (%v)", got.GetStatus(), err)
	}
	if err := f.stop(); err != nil {
		t.Error(err)
	}
	if _, err := watch.Recv(); !errors.Is(err, io.EOF) { // it was the stop that ended it
		t.Errorf("it ended with %v", err)
	}
}

func TestHealthWatch(t *testing.T) {
	t.Parallel()
	role := gateway()
	f := newFixture(t, server.Config{}, role)
	watch, err := healthv1.NewHealthClient(dial(t, f)).Watch(t.Context(), &healthv1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		ready  error
		status healthv1.HealthCheckResponse_ServingStatus
	}{
		{nil, serving},
		{errors.New("NATS is away"), notServing},
		{nil, serving},
	} {
		role.setReady(want.ready)
		if got, err := watch.Recv(); err != nil || got.GetStatus() != want.status {
			t.Fatalf("got %v (%v), want %v", got.GetStatus(), err, want.status)
		}
	}
}

func dial(t *testing.T, f *fixture) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(f.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
