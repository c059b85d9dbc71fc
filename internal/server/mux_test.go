package server_test

import (
	"net/http"
	"testing"

	"rollcall/internal/server"
)

func TestProcedureThatTheAPIDoesNotHaveCannotBeAdded(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("it was added")
		}
	}()
	server.NewMux(server.Config{}).RPC("/contact.v1.SubmitService/SubmitPersn", http.NotFoundHandler())
}
