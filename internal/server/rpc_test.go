package server_test

import (
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/server"
)

func TestRPCOptions(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	versions(t, func(t *testing.T, client *http.Client) {
		for _, test := range []struct {
			name, body, want string
			status           int
		}{
			{"strict JSON", `{"person":{"name":"A"}}`, `{"epoch":"e", "sequence":"1"}`, http.StatusOK},
			{"unknown field", `{"person":{"nmae":"A"}}`, `unknown field \"nmae\"`, http.StatusBadRequest},
		} {
			req := request(t, http.MethodPost, f.url("/contact.v1.SubmitService/SubmitPerson"), strings.NewReader(test.body))
			req.Header.Set("Content-Type", "application/json")
			status, answer := ask(t, client, req)
			if status != test.status {
				t.Errorf("%s: got %d, want %d", test.name, status, test.status)
			}
			contains(t, strings.ReplaceAll(answer, `", "`, `","`), strings.ReplaceAll(test.want, `", "`, `","`))
		}
	})
}
