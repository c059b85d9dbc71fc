package gateway

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
)

// askTimeout bounds one question to JetStream.
const askTimeout = 2 * time.Second

// epoch knows the stream's incarnation. It asks again after a reconnect, and when
// a sequence is not above those it has seen: the stream was made anew.
type epoch struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	stream string

	// highest is the highest sequence acknowledged in this epoch.
	highest atomic.Uint64

	mu         sync.Mutex
	name       string
	reconnects uint64
}

// last returns the highest sequence seen. Taken before a publish, it is below the
// sequence that the publish gets.
func (e *epoch) last() uint64 { return e.highest.Load() }

// of returns the epoch in which ack's message is stored. known is what last
// returned before it was published.
func (e *epoch) of(ctx context.Context, ack *jetstream.PubAck, known uint64) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	reconnects := e.nc.Stats().Reconnects
	anew := !ack.Duplicate && ack.Sequence <= known && known <= e.highest.Load()
	if e.name != "" && !anew && reconnects == e.reconnects {
		e.highest.Store(max(e.highest.Load(), ack.Sequence))
		return e.name, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout) // others wait for it
	defer cancel()
	s, err := e.js.Stream(ctx, e.stream)
	if err != nil {
		return "", fmt.Errorf("look up the stream's epoch: %w", err)
	}
	e.take(stream.Epoch(s.CachedInfo()))
	e.reconnects = reconnects
	e.highest.Store(max(e.highest.Load(), ack.Sequence))
	return e.name, nil
}

// saw takes over the epoch from what was asked for another reason: a stream made
// anew by others may be past the sequences seen here.
func (e *epoch) saw(info *jetstream.StreamInfo) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.take(stream.Epoch(info))
}

func (e *epoch) take(name string) {
	if name != e.name {
		e.highest.Store(0)
	}
	e.name = name
}
