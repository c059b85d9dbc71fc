package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"

	"rollcall/gateway"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream/streamtest"
)

// TestMoreThanMayBeUnderWayIsRefused has an import as the one call that may be.
func TestMoreThanMayBeUnderWayIsRefused(t *testing.T) {
	f := newFixtureWith(t, func(c *gateway.Config) { c.Calls = 1 })
	s := f.startImport()
	s.send(numbered(1))
	if _, err := s.receive(1); err != nil {
		t.Fatal(err)
	}
	_, err := f.submit(ada(), "")
	if d := detailsOf(t, err); connect.CodeOf(err) != connect.CodeResourceExhausted || d.reason != "OVERLOADED" || d.retry == 0 {
		t.Errorf("got %v, %+v", err, d)
	}
	status, header, _ := f.post("/persons", "application/x-capnp", encoded(t, ada()), nil)
	if status != http.StatusTooManyRequests || header.Get("Retry-After") != "1" {
		t.Errorf("plain: got %d, Retry-After %q", status, header.Get("Retry-After"))
	}
	f.expectStored(1)
	if _, err := s.end(); err != nil {
		t.Fatal(err)
	}
	f.mustSubmitEventually()
}

// mustSubmitEventually submits when the call before it has left.
func (f *fixture) mustSubmitEventually() {
	f.t.Helper()
	for {
		_, err := f.submit(ada(), "")
		if err == nil {
			return
		}
		if connect.CodeOf(err) != connect.CodeResourceExhausted {
			f.t.Fatal(err)
		}
	}
}

// TestManyThroughFewPlaces sends a thousand where one at a time may be under way.
func TestManyThroughFewPlaces(t *testing.T) {
	f := newFixtureWith(t, func(c *gateway.Config) { c.Messages = 1 })
	if got, err := f.submitAll(some(1, 1000), false); err != nil || got[999] != "stored 1000" {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestPlacesAreAsConfigured has one place for messages under way, and nobody who would
// acknowledge the message that takes it: the next is not sent.
func TestPlacesAreAsConfigured(t *testing.T) {
	f := newFixtureBeside(t, streamtest.Start(t), func(c *gateway.Config) { c.Messages, c.Timeout = 1, time.Minute })
	sent, err := f.nc.SubscribeSync(streamtest.Subject)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() { _, _ = f.client.SubmitPerson(ctx, &contactv1.SubmitPersonRequest{Person: ada()}) })
	if _, err := sent.NextMsgWithContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := f.client.SubmitPerson(second, &contactv1.SubmitPersonRequest{Person: ada()}); connect.CodeOf(err) != connect.CodeDeadlineExceeded {
		t.Errorf("got %v, want it to wait for a place in vain", err)
	}
	status, _, answer := f.post("/contact.v1.SubmitService/SubmitPerson", "application/json",
		[]byte(`{"person":{"name":"Ada","email":"ada@example.org"}}`), map[string]string{"Connect-Timeout-Ms": "200"})
	if status != http.StatusGatewayTimeout || answer["code"] != "deadline_exceeded" {
		t.Errorf("answered by the gateway: got %d, %v", status, answer)
	}
	if err := f.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if waiting, _, err := sent.Pending(); err != nil || waiting != 0 {
		t.Errorf("%d more were sent, %v", waiting, err)
	}
	leave()
	first.Wait()
}

func TestClientsHaveARate(t *testing.T) {
	f := newFixtureWith(t, func(c *gateway.Config) { c.RateLimit, c.ClientHeader = 0.001, "X-Forwarded-For" })
	if _, err := f.submitAll(some(1, 1000), false); err != nil {
		t.Fatalf("a full batch of a client that was quiet: %v", err)
	}
	_, err := f.submit(ada(), "")
	d := detailsOf(t, err)
	if connect.CodeOf(err) != connect.CodeResourceExhausted || d.reason != "RATE_LIMITED" || d.retry < time.Minute {
		t.Errorf("got %v, %+v", err, d)
	}
	for range 3 { // what is refused costs nothing
		if _, err := f.submit(ada(), ""); detailsOf(t, err).retry > d.retry {
			t.Errorf("it may come later for having come: %v, before %v", detailsOf(t, err).retry, d.retry)
		}
	}
	if _, err := f.submitAll([]*contactv1.SubmitPersonRequest{numbered(1)}, true); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("all or nothing: got %v", err)
	}
	f.expectStored(1000)
	status, _, answer := f.post("/persons", "application/x-capnp", encoded(t, ada()), map[string]string{"X-Forwarded-For": "192.0.2.1"})
	if status != http.StatusCreated {
		t.Errorf("another client: got %d, %v", status, answer)
	}
}

// TestImportWaitsForItsRate is told nothing: its sender is slowed.
func TestImportWaitsForItsRate(t *testing.T) {
	f := newFixtureWith(t, func(c *gateway.Config) { c.RateLimit = 2000 })
	s := f.startImport()
	for n := 1; n <= 3000; n += 1000 {
		s.send(some(n, n+999)...)
	}
	got, err := s.end()
	if err != nil || len(got) != 3000 || strings.HasPrefix(got[2999], "resource_exhausted") {
		t.Errorf("got %d results, %v", len(got), err)
	}
}

// TestImportIsReadNoFasterThanItsRate sends one more than a client that was quiet may,
// whose turn comes in a quarter of an hour.
func TestImportIsReadNoFasterThanItsRate(t *testing.T) {
	f := newFixtureWith(t, func(c *gateway.Config) { c.RateLimit = 0.001 })
	s := f.startImport()
	s.send(some(1, 1000)...)
	if _, err := s.receive(1000); err != nil {
		t.Fatal(err)
	}
	s.send(numbered(1001))
	for begun := time.Now(); time.Since(begun) < 300*time.Millisecond; time.Sleep(10 * time.Millisecond) {
		f.expectStored(1000)
	}
}
