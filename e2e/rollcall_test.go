package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// server is a running rollcall.
type server struct {
	*process

	url  string
	conn *grpc.ClientConn
	// certificate is the file of the certificate that its clients must trust; empty
	// where there is no TLS.
	certificate string
}

func (s *server) address() string {
	_, address, _ := strings.Cut(s.url, "://")

	return address
}

// startRollcall starts one of the server commands on a free port, and returns
// when it listens.
func startRollcall(t *testing.T, command string, arguments ...string) *server {
	t.Helper()

	arguments = append([]string{command, "--listen", "127.0.0.1:0"}, arguments...)
	s := &server{process: start(t, exec.Command(rollcall, arguments...))}
	s.url = s.loggedURL(t, "listening")

	s.conn = dial(t, s.address(), insecure.NewCredentials())

	return s
}

// dial connects by gRPC when it is first used, until the test ends.
func dial(t *testing.T, address string, how credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()

	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(how))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { conn.Close() })

	return conn
}

// client gives a command what it needs to trust the server.
func (s *server) client(command *exec.Cmd) *exec.Cmd {
	if s.certificate != "" {
		command.Env = append(os.Environ(), "SSL_CERT_FILE="+s.certificate, "NODE_EXTRA_CA_CERTS="+s.certificate)
	}

	return command
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
