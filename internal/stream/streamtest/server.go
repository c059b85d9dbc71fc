// Package streamtest gives tests a real NATS server with JetStream on a loopback
// port of its own, which can be stopped and started again on the same files.
package streamtest

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
)

// Name and Subject are what Config uses.
const (
	Name    = "stream"
	Subject = "contact-person"
)

// startTimeout is generous: tests run beside others under the race detector.
const startTimeout = time.Minute

// Server is a NATS server that a test may stop and start.
type Server struct {
	tb      testing.TB
	options *server.Options
	server  *server.Server
}

// Start starts a server that ends with the test.
func Start(tb testing.TB, change ...func(*server.Options)) *Server {
	tb.Helper()
	s := &Server{tb: tb, options: &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: tb.TempDir(),
		NoLog: true, NoSigs: true,
	}}
	for _, c := range change {
		c(s.options)
	}
	s.Restart()
	address, ok := s.server.Addr().(*net.TCPAddr)
	if !ok {
		tb.Fatalf("NATS listens on %v, not on TCP", s.server.Addr())
	}
	s.options.Port = address.Port // the same when started again
	tb.Cleanup(s.Stop)
	return s
}

// Stop ends the server; its files stay.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// Restart starts the server again on the same port and files.
func (s *Server) Restart() {
	s.tb.Helper()
	started, err := server.NewServer(s.options.Clone())
	if err != nil {
		s.tb.Fatalf("set up NATS: %v", err)
	}
	started.Start()
	if !started.ReadyForConnections(startTimeout) {
		s.tb.Fatal("NATS is not ready")
	}
	s.server = started
}

// URL is where the server listens.
func (s *Server) URL() string { return s.server.ClientURL() }

// Connect connects as rollcall does, until the test ends.
func (s *Server) Connect() (*nats.Conn, jetstream.JetStream) {
	s.tb.Helper()
	return connect(s.tb, s.URL(), slog.New(slog.DiscardHandler))
}

func connect(tb testing.TB, url string, log *slog.Logger) (*nats.Conn, jetstream.JetStream) {
	tb.Helper()
	nc, err := stream.Connect(stream.Access{URL: url}, tb.Name(), log)
	if err != nil {
		tb.Fatalf("connect: %v", err)
	}
	tb.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		tb.Fatalf("use JetStream: %v", err)
	}
	return nc, js
}

// Config describes the stream as rollcall makes it by default.
func Config() stream.Config {
	return stream.Config{
		Name: Name, Subject: Subject, Replicas: 1, Storage: jetstream.FileStorage,
		MaxBytes: -1, Discard: jetstream.DiscardNew, DuplicateWindow: 10 * time.Minute,
	}
}

// CreateStream makes the stream that cfg describes. One of that name may just have
// been deleted: for a moment the server still holds its files.
func CreateStream(tb testing.TB, js jetstream.JetStream, cfg stream.Config) {
	tb.Helper()
	Eventually(tb, "the stream is made", func() bool {
		return stream.CreateIfAbsent(context.Background(), js, cfg) == nil
	})
}

// Eventually waits for a condition, and fails the test if it does not come true.
func Eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	deadline := time.Now().Add(startTimeout)
	for !is() {
		if time.Now().After(deadline) {
			tb.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
