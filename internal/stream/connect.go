package stream

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
)

// Access says how to reach a NATS server that is not embedded.
type Access struct {
	// URL is one address, or several with commas between.
	URL string
	// Creds is a file with a user's JWT and key; empty for none.
	Creds string
	// CA, Cert and Key are PEM files; empty for the system's roots and for no
	// client certificate.
	CA, Cert, Key string
}

// Connect reaches NATS and keeps at it for as long as the process runs; a server
// that is not there yet is no error. While it is away nothing is buffered, so
// that nothing is sent after its sender was told that it failed.
func Connect(access Access, name string, log *slog.Logger) (*nats.Conn, error) {
	options := append(always(name, log), nats.RetryOnFailedConnect(true))
	if access.Creds != "" {
		options = append(options, nats.UserCredentials(access.Creds))
	}
	if access.CA != "" {
		options = append(options, nats.RootCAs(access.CA))
	}
	if access.Cert != "" || access.Key != "" {
		options = append(options, nats.ClientCert(access.Cert, access.Key))
	}
	if access.CA != "" || access.Cert != "" {
		options = append(options, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12}))
	}
	nc, err := nats.Connect(access.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", access.URL, err)
	}
	return nc, nil
}

// ConnectInProcess reaches a NATS server inside this process.
func ConnectInProcess(server nats.InProcessConnProvider, name string, log *slog.Logger) (*nats.Conn, error) {
	nc, err := nats.Connect("", append(always(name, log), nats.InProcessServer(server))...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS in this process: %w", err)
	}
	return nc, nil
}

func always(name string, log *slog.Logger) []nats.Option {
	outage := newOutage(log)
	return []nats.Option{
		nats.Name(name),
		nats.ReconnectBufSize(-1),
		nats.MaxReconnects(-1),
		// Credentials that are refused now may be let in later.
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		// A server that hangs is left within six seconds.
		nats.PingInterval(2 * time.Second),
		nats.MaxPingsOutstanding(2),
		// What we close ourselves needs no telling.
		nats.NoCallbacksAfterClientClose(),
		// By the options above never; should it be, nothing works until a restart.
		nats.ClosedHandler(func(nc *nats.Conn) {
			log.Error("the connection to NATS is closed for good: restart this process", "error", nc.LastError())
		}),
		nats.DisconnectErrHandler(outage.lost),
		nats.ReconnectErrHandler(outage.tried),
		nats.ConnectHandler(outage.back),
		nats.ReconnectHandler(outage.back),
		nats.ErrorHandler(outage.reported),
	}
}
