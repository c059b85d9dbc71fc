package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// server is a running rollcall.
type server struct {
	*process

	url  string
	conn *grpc.ClientConn
}

func (s *server) address() string { return strings.TrimPrefix(s.url, "http://") }

// startRollcall starts one of the server commands on a free port, and returns
// when it listens.
func startRollcall(t *testing.T, command string, arguments ...string) *server {
	t.Helper()

	arguments = append([]string{command, "--listen", "127.0.0.1:0"}, arguments...)
	s := &server{process: start(t, exec.Command(rollcall, arguments...))}
	s.url = s.loggedURL(t, "listening")

	conn, err := grpc.NewClient(s.address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { conn.Close() })
	s.conn = conn

	return s
}

// startServe starts `rollcall serve` and returns when it is ready.
func startServe(t *testing.T, arguments ...string) *server {
	t.Helper()

	s := startRollcall(t, "serve", arguments...)
	s.awaitReady(t, http.StatusOK)

	return s
}

// loggedURL waits for the log line with this message and returns its url.
func (s *server) loggedURL(t *testing.T, message string) string {
	t.Helper()

	var logged struct {
		Message string `json:"msg"`
		URL     string `json:"url"`
	}

	s.line(t, func(line string) bool {
		return json.Unmarshal([]byte(line), &logged) == nil && logged.Message == message
	})

	return logged.URL
}

// awaitReady waits until /readyz answers with this status.
func (s *server) awaitReady(t *testing.T, status int) {
	t.Helper()

	eventually(t, func() error {
		if got, err := s.readiness(); err != nil || got != status {
			return fmt.Errorf("/readyz answers %d (%w), not %d", got, err, status)
		}

		return nil
	})
}

func (s *server) readiness() (int, error) {
	response, err := http.Get(s.url + "/readyz")
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()

	return response.StatusCode, nil
}
