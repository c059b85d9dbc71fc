// Package servers has the servers that the end-to-end tests start, kill and start
// again: rollcall, NATS, and reverse proxies before them.
package servers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"rollcall/e2e/programs"
	"rollcall/e2e/wait"
)

// Server is a running rollcall.
type Server struct {
	*programs.Process

	URL  string
	Conn *grpc.ClientConn
	// Certificate is the file of the certificate that its clients must trust; empty
	// where there is no TLS.
	Certificate string
}

// Address is its host and port.
func (s *Server) Address() string {
	_, address, _ := strings.Cut(s.URL, "://")

	return address
}

// StartRollcall starts one of the server commands on a free port, and returns
// when it listens.
func StartRollcall(t *testing.T, command string, arguments ...string) *Server {
	t.Helper()

	arguments = append([]string{command, "--listen", "127.0.0.1:0"}, arguments...)
	s := &Server{Process: programs.Start(t, exec.Command(programs.Rollcall(), arguments...))}
	s.URL = s.LoggedURL(t, "listening")

	s.Conn = Dial(t, s.Address(), insecure.NewCredentials())

	return s
}

// Dial connects by gRPC when it is first used, until the test ends.
func Dial(t *testing.T, address string, how credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()

	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(how))
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { conn.Close() })

	return conn
}

// Trusted gives a command what it needs to trust the server.
func (s *Server) Trusted(command *exec.Cmd) *exec.Cmd {
	if s.Certificate != "" {
		command.Env = append(os.Environ(), "SSL_CERT_FILE="+s.Certificate, "NODE_EXTRA_CA_CERTS="+s.Certificate)
	}

	return command
}

// StartServe starts `rollcall serve` and returns when it is ready.
func StartServe(t *testing.T, arguments ...string) *Server {
	t.Helper()

	s := StartRollcall(t, "serve", arguments...)
	s.AwaitReady(t, http.StatusOK)

	return s
}

// LoggedURL waits for the log line with this message and returns its url.
func (s *Server) LoggedURL(t *testing.T, message string) string {
	t.Helper()

	var logged struct {
		Message string `json:"msg"`
		URL     string `json:"url"`
	}

	s.Line(t, func(line string) bool {
		return json.Unmarshal([]byte(line), &logged) == nil && logged.Message == message
	})

	return logged.URL
}

// AwaitReady waits until /readyz answers with this status.
func (s *Server) AwaitReady(t *testing.T, status int) {
	t.Helper()

	wait.For(t, func() error {
		if got, text, err := s.readiness(); err != nil || got != status {
			return fmt.Errorf("/readyz answers %d %q (%w), not %d", got, text, err, status)
		}

		return nil
	})
}

// AwaitNotReady waits until /readyz says why it is not.
func (s *Server) AwaitNotReady(t *testing.T, why string) {
	t.Helper()

	wait.For(t, func() error {
		if got, text, err := s.readiness(); err != nil || got != http.StatusServiceUnavailable || !strings.Contains(text, why) {
			return fmt.Errorf("/readyz answers %d %q (%w), and does not say %q", got, text, err, why)
		}

		return nil
	})
}

func (s *Server) readiness() (status int, text string, err error) {
	response, err := http.Get(s.URL + "/readyz")
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()

	body, err := io.ReadAll(response.Body)

	return response.StatusCode, string(body), err
}
