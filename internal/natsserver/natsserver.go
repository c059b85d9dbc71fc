// Package natsserver is the NATS server with JetStream that runs inside the process,
// for a laptop: its files, its log and the lock on its folder. Only what is one
// process by itself may import it: whoever talks to a NATS server elsewhere links none.
package natsserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"rollcall/internal/stream"
)

// ErrListen says that other NATS clients can't be let in at the address wanted.
var ErrListen = errors.New("listen for NATS clients")

// ErrInUse says that another process has the folder.
var ErrInUse = errors.New("in use by another rollcall")

// startTimeout bounds how long the server may take to recover its
// files: large streams are scanned after a crash.
const startTimeout = 2 * time.Minute

// Config is how the server works.
type Config struct {
	// Dir is where its files are; made when it is not there. One process at a
	// time may use it.
	Dir string
	// Listen is an address for other NATS clients; empty for none.
	Listen string
	// SyncInterval is how often files are flushed to the disk. What was
	// acknowledged since survives the process, but not the machine; 0 flushes
	// before each acknowledgement.
	SyncInterval time.Duration
}

// Server is a NATS server inside this process.
type Server struct {
	server *server.Server
	lock   *os.File
}

// HasFiles reports whether a server has kept files in a folder.
func HasFiles(dir string) bool {
	_, err := os.Stat(storeDir(dir))
	return err == nil
}

func storeDir(dir string) string { return filepath.Join(dir, "nats") }

// Start starts the server and returns once it takes connections.
func Start(cfg Config, log *slog.Logger) (*Server, error) {
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	started, err := startServer(cfg, log)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Server{server: started, lock: lock}, nil
}

func startServer(cfg Config, log *slog.Logger) (*server.Server, error) {
	options := &server.Options{
		ServerName: "rollcall",
		JetStream:  true,
		StoreDir:   storeDir(cfg.Dir),
		DontListen: cfg.Listen == "",
		NoSigs:     true,
		// To the server an interval of zero means its default, two minutes.
		SyncInterval: cfg.SyncInterval,
		SyncAlways:   cfg.SyncInterval == 0,
	}
	if cfg.Listen != "" {
		host, port, err := splitAddress(cfg.Listen)
		if err != nil {
			return nil, err
		}
		if err := requireFree(cfg.Listen); err != nil {
			return nil, err
		}
		options.Host, options.Port = host, port
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("set up embedded NATS: %w", err)
	}
	s.SetLoggerV2(serverLog{log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startTimeout) {
		s.Shutdown()
		return nil, fmt.Errorf("embedded NATS with files in %s was not ready within %s: see the log above", cfg.Dir, startTimeout)
	}
	if !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, fmt.Errorf("embedded NATS could not use its files in %s: see the log above", cfg.Dir)
	}
	return s, nil
}

func splitAddress(address string) (host string, port int, err error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("%w on %q: must be HOST:PORT: %w", ErrListen, address, err)
	}
	port, err = strconv.Atoi(portText)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("%w on %q: the port must be a number up to 65535", ErrListen, address)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

// requireFree says at once what the server would only log, and then wait for.
func requireFree(address string) error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return fmt.Errorf("%w on %q: %w", ErrListen, address, err)
	}
	return listener.Close()
}

// Connect opens a connection inside the process.
func (s *Server) Connect(name string, log *slog.Logger) (*nats.Conn, error) {
	return stream.ConnectInProcess(s.server, name, log)
}

// URL is where other NATS clients reach the server; empty when it does not listen.
func (s *Server) URL() string {
	if s.server.Addr() == nil {
		return ""
	}
	return s.server.ClientURL()
}

// Stop ends the server and returns when its files are closed.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
	_ = s.lock.Close() // nothing was written through it
}
