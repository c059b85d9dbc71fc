package server_test

import (
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/server"
)

func TestCORS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		allowed []string
		origin  string
		want    string // the allowed origin that the browser is told
	}{
		{"allowed", []string{"https://a.example"}, "https://a.example", "https://a.example"},
		{"foreign", []string{"https://a.example"}, "https://b.example", ""},
		{"any", []string{"*"}, "https://b.example", "*"},
		{"wildcard", []string{"https://*.example"}, "https://b.example", "https://b.example"},
		{"none allowed", nil, "https://a.example", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, server.Config{AllowedOrigins: test.allowed}, gateway())
			client := newClient(t, "HTTP/1.1")

			preflight := request(t, http.MethodOptions, f.url("/contact.v1.SubmitService/SubmitPerson"), nil)
			preflight.Header.Set("Origin", test.origin)
			preflight.Header.Set("Access-Control-Request-Method", http.MethodPost)
			preflight.Header.Set("Access-Control-Request-Headers",
				"connect-protocol-version,connect-timeout-ms,content-type,idempotency-key,last-event-id")
			answer := send(t, client, preflight).Header
			if got := answer.Get("Access-Control-Allow-Origin"); got != test.want {
				t.Errorf("preflight: got %q, want %q", got, test.want)
			}
			if test.want != "" {
				contains(t, answer.Get("Access-Control-Allow-Headers"), "idempotency-key,last-event-id")
				contains(t, answer.Get("Access-Control-Max-Age"), "7200")
			}

			call := request(t, http.MethodPost, f.url("/gateway/size"), strings.NewReader("x"))
			call.Header.Set("Origin", test.origin)
			answer = send(t, client, call).Header
			if got := answer.Get("Access-Control-Allow-Origin"); got != test.want {
				t.Errorf("call: got %q, want %q", got, test.want)
			}
			if test.want != "" {
				contains(t, answer.Get("Access-Control-Expose-Headers"), "Retry-After")
			}
		})
	}
}
