package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"

	"rollcall/gateway"
	contactv1 "rollcall/gen/contact/v1"
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

func TestClientsHaveARate(t *testing.T) {
	f := newFixtureWith(t, func(c *gateway.Config) { c.RateLimit, c.ClientHeader = 0.001, "X-Forwarded-For" })
	if _, err := f.submitAll(some(1, 1000), false); err != nil {
		t.Fatalf("a full batch of a client that was quiet: %v", err)
	}
	_, err := f.submit(ada(), "")
	if d := detailsOf(t, err); connect.CodeOf(err) != connect.CodeResourceExhausted || d.reason != "RATE_LIMITED" || d.retry < time.Minute {
		t.Errorf("got %v, %+v", err, d)
	}
	if _, err := f.submitAll([]*contactv1.SubmitPersonRequest{numbered(1)}, true); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("all or nothing: got %v", err)
	}
	f.expectStored(1000)
	for _, test := range []struct {
		client string
		status int
	}{
		{"192.0.2.1", http.StatusCreated},
		{"spoofed, 192.0.2.2", http.StatusCreated},
		{"2001:db8::1", http.StatusCreated},
	} {
		status, _, answer := f.post("/persons", "application/x-capnp", encoded(t, ada()), map[string]string{"X-Forwarded-For": test.client})
		if status != test.status {
			t.Errorf("%s: got %d, %v", test.client, status, answer)
		}
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
