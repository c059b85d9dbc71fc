package server_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"rollcall/internal/server"
)

func TestProbes(t *testing.T) {
	t.Parallel()
	gateway, subscriber := gateway(), subscriber()
	f := newFixture(t, server.Config{}, gateway, subscriber)
	client := newClient(t, "HTTP/1.1")
	probe := func(path string, status int, answer string) {
		t.Helper()
		gotStatus, got := ask(t, client, request(t, http.MethodGet, f.url(path), nil))
		if gotStatus != status || got != answer {
			t.Errorf("%s: got %d %q, want %d %q", path, gotStatus, got, status, answer)
		}
	}
	probe("/livez", http.StatusOK, "ok\n")
	probe("/readyz", http.StatusOK, "ok\n")

	subscriber.setReady(errors.New("filling its memory"))
	probe("/livez", http.StatusOK, "ok\n")
	probe("/readyz", http.StatusServiceUnavailable, "subscriber: filling its memory\n")

	gateway.setReady(errors.New("NATS is away"))
	probe("/readyz", http.StatusServiceUnavailable, "gateway: NATS is away\nsubscriber: filling its memory\n")

	gateway.setReady(nil)
	subscriber.setReady(nil)
	probe("/readyz", http.StatusOK, "ok\n")
}

func TestNotReadyOnceStopping(t *testing.T) {
	t.Parallel()
	s, err := server.New(server.Config{Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)}, gateway())
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Serve(ended); err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, request(t, http.MethodGet, "/readyz", nil))
	if answer.Code != http.StatusServiceUnavailable || answer.Body.String() != "stopping\n" {
		t.Errorf("got %d %q", answer.Code, answer.Body)
	}
}
