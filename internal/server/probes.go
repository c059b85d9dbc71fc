package server

import (
	"fmt"
	"net/http"
	"strings"
)

// mountProbes adds what an orchestrator asks over plain HTTP: /livez, whether the
// process serves, and /readyz, whether every role is ready.
func (s *Server) mountProbes() {
	s.mux.Unary("GET /livez", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answerProbe(w, http.StatusOK, "ok\n")
	}))
	s.mux.Unary("GET /readyz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if reasons := s.notReady(s.roles...); reasons != "" {
			answerProbe(w, http.StatusServiceUnavailable, reasons)
			return
		}
		answerProbe(w, http.StatusOK, "ok\n")
	}))
}

func answerProbe(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // Who asked may be gone; the next one asks again.
}

// notReady says, in a line per role, why these roles are not ready; "" when they
// all are. Once the server is stopping no role is, whatever it says.
func (s *Server) notReady(roles ...Role) string {
	if s.stopping.Err() != nil {
		return errStopping.Error() + "\n"
	}
	var reasons strings.Builder
	for _, role := range roles {
		if err := role.Ready(); err != nil {
			fmt.Fprintf(&reasons, "%s: %s\n", role.Name(), err)
		}
	}
	return reasons.String()
}
