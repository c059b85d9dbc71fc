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
	"sync"
	"sync/atomic"
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

// Server is a NATS server inside this process. After its disk was full it goes on by
// itself; see [Server.Storage].
type Server struct {
	log     *slog.Logger
	options *server.Options
	disk    disk
	lock    *os.File
	server  atomic.Pointer[server.Server]
	storage atomic.Pointer[error]

	stop     context.CancelFunc
	watching sync.WaitGroup
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
	s := &Server{log: log, disk: disk{storeDir(cfg.Dir)}, lock: lock}
	if err := s.start(cfg); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	watching, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.look(&renewal{})
	s.watching.Go(func() { s.watch(watching) })
	return s, nil
}

func (s *Server) start(cfg Config) error {
	options, err := cfg.options()
	if err != nil {
		return err
	}
	started, err := startServer(options, s.disk, s.log)
	if err != nil {
		return err
	}
	if address, ok := started.Addr().(*net.TCPAddr); ok {
		options.Port = address.Port // the same when it is started anew
	}
	s.options = options
	s.server.Store(started)
	return nil
}

// options are NATS's own.
func (c Config) options() (*server.Options, error) {
	options := &server.Options{
		ServerName: "rollcall",
		JetStream:  true,
		StoreDir:   storeDir(c.Dir),
		DontListen: c.Listen == "",
		NoSigs:     true,
		// To the server an interval of zero means its default, two minutes.
		SyncInterval: c.SyncInterval,
		SyncAlways:   c.SyncInterval == 0,
	}
	if c.Listen == "" {
		return options, nil
	}
	host, port, err := splitAddress(c.Listen)
	if err != nil {
		return nil, err
	}
	options.Host, options.Port = host, port
	return options, requireFree(c.Listen)
}

func startServer(options *server.Options, on disk, log *slog.Logger) (*server.Server, error) {
	if err := os.MkdirAll(on.dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of embedded NATS: %w", err)
	}
	size, _, err := on.space()
	if err != nil {
		return nil, err
	}
	options = options.Clone()
	// Left to itself it takes no more than three quarters of what was free when it was
	// started, and calls itself out of resources beyond.
	options.JetStreamMaxStore = size
	s, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("set up embedded NATS: %w", err)
	}
	s.SetLoggerV2(serverLog{log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startTimeout) {
		s.Shutdown()
		return nil, fmt.Errorf("embedded NATS with files in %s was not ready within %s: see the log above", on.dir, startTimeout)
	}
	if !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, fmt.Errorf("embedded NATS could not use its files in %s: see the log above", on.dir)
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
	return stream.ConnectInProcess(s, name, log)
}

// InProcessConn is for nats.go, which asks for another connection when the server was
// started anew.
func (s *Server) InProcessConn() (net.Conn, error) { return s.server.Load().InProcessConn() }

// URL is where other NATS clients reach the server; empty when it does not listen.
func (s *Server) URL() string {
	if s.options.DontListen {
		return ""
	}
	return s.server.Load().ClientURL()
}

// Stop ends the server and returns when its files are closed.
func (s *Server) Stop() {
	s.stop()
	s.watching.Wait()
	s.shutdown()
	_ = s.lock.Close() // nothing was written through it
}

func (s *Server) shutdown() {
	current := s.server.Load()
	current.Shutdown()
	current.WaitForShutdown()
}
