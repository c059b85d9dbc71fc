package stream

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"

	"github.com/nats-io/nats.go"
)

// mostReports bounds how many different reports of the client are remembered.
const mostReports = 100

// outage logs when NATS goes away and when it is back, a line each, however many
// servers are tried in vain meanwhile and however often.
type outage struct {
	log *slog.Logger

	mu sync.Mutex
	// away is set from the line that says so until NATS is reached.
	away bool
	// said holds what was reported since NATS was reached last.
	said map[string]bool
}

func newOutage(log *slog.Logger) *outage { return &outage{log: log, said: make(map[string]bool)} }

// lost is for a connection that broke.
func (o *outage) lost(_ *nats.Conn, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.away {
		o.away = true
		o.log.Warn("NATS is away; trying again until it is back", "error", err)
	}
}

// tried is for a server that was not reached, or with which we did not come to terms.
func (o *outage) tried(_ *nats.Conn, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
	case !o.away:
		o.away = true
		o.log.Warn("NATS is not reached; trying again until it is", "error", err)
		o.isNew(err)
	case !isUnreachable(err) && o.isNew(err):
		o.log.Warn("NATS reports", "error", err)
	}
}

// back is for a server that was reached.
func (o *outage) back(nc *nats.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		o.log.Info("NATS is back", "server", nc.ConnectedUrlRedacted())
	}
	o.away = false
	clear(o.said)
}

// reported is for what the client says beside all calls.
func (o *outage) reported(_ *nats.Conn, _ *nats.Subscription, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.isNew(err) {
		o.log.Warn("NATS reports", "error", err)
	}
}

// isNew notes an error, and reports whether it was not said since NATS was reached.
func (o *outage) isNew(err error) bool {
	text := innermost(err).Error()
	if o.said[text] || len(o.said) >= mostReports {
		return false
	}
	o.said[text] = true
	return true
}

// isUnreachable reports whether an error means no more than that nobody is there.
func isUnreachable(err error) bool {
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, nats.ErrNoServers) || errors.Is(err, io.EOF)
}

// innermost is what an error wraps, without the address that it came from.
func innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}
