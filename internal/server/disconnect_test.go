package server_test

import (
	"net/http"
	"testing"

	"rollcall/internal/server"
)

// TestDisconnectFreesAHandlerWhoseClientTakesNothing has a handler that writes
// without end, and a client that reads no more than the response's header.
func TestDisconnectFreesAHandlerWhoseClientTakesNothing(t *testing.T) {
	t.Parallel()
	versions(t, func(t *testing.T, client *http.Client) {
		role := gateway()
		writing, ended := make(chan *http.Request), make(chan struct{})
		role.taken = func(w http.ResponseWriter, r *http.Request) {
			defer close(ended)
			_ = http.NewResponseController(w).Flush()
			writing <- r
			for line := make([]byte, 64<<10); ; {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}
		f := newFixture(t, server.Config{}, role)
		send(t, client, request(t, http.MethodGet, f.url("/gateway/taken"), nil))
		server.Disconnect((<-writing).Context())
		<-ended
	})
}
