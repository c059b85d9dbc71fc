package stream

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
)

// startTimeout bounds how long the embedded server may take to recover its
// files: large streams are scanned after a crash.
const startTimeout = 2 * time.Minute

// EmbeddedConfig describes the NATS server that runs inside the process.
type EmbeddedConfig struct {
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

// Embedded is a NATS server inside this process.
type Embedded struct {
	server *server.Server
	lock   *os.File
}

// HasEmbedded reports whether an embedded server has kept files in a folder.
func HasEmbedded(dir string) bool {
	_, err := os.Stat(storeDir(dir))
	return err == nil
}

func storeDir(dir string) string { return filepath.Join(dir, "nats") }

// StartEmbedded starts the server and returns once it takes connections.
func StartEmbedded(cfg EmbeddedConfig, log *slog.Logger) (*Embedded, error) {
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
	return &Embedded{server: started, lock: lock}, nil
}

func startServer(cfg EmbeddedConfig, log *slog.Logger) (*server.Server, error) {
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
		return "", 0, fmt.Errorf("--nats-listen %q: must be HOST:PORT: %w", address, err)
	}
	port, err = strconv.Atoi(portText)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("--nats-listen %q: the port must be a number up to 65535", address)
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
		return fmt.Errorf("--nats-listen %q: %w", address, err)
	}
	return listener.Close() //nolint:wrapcheck // nothing can go wrong that matters
}

// Connect opens a connection inside the process.
func (e *Embedded) Connect(name string, log *slog.Logger) (*nats.Conn, error) {
	nc, err := nats.Connect("", append(always(name, log), nats.InProcessServer(e.server))...)
	if err != nil {
		return nil, fmt.Errorf("connect to embedded NATS: %w", err)
	}
	return nc, nil
}

// URL is where other NATS clients reach the server; empty when it does not listen.
func (e *Embedded) URL() string {
	if e.server.Addr() == nil {
		return ""
	}
	return e.server.ClientURL()
}

// Stop ends the server and returns when its files are closed.
func (e *Embedded) Stop() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
	_ = e.lock.Close() // nothing was written through it
}
