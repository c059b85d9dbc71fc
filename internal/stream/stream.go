// Package stream is all that rollcall says to NATS JetStream: the connection, the
// stream's making and settings, its state and epoch, publishing with its
// acknowledgements, reading, and the search for keys.
//
// Errors that a caller may act on wrap one of those in error.go.
package stream

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// askTimeout bounds a question to JetStream, however often it is asked.
const askTimeout = 2 * time.Second

// Stream is one stream of JetStream, whether it exists or not. Its methods may be
// called at the same time.
type Stream struct {
	js   jetstream.JetStream
	nc   *nats.Conn
	name string
	// state asks for the stream's state, once for many who want to know, and deleted for
	// the sequences of the deleted messages as well.
	state, deleted *question
	epoch          epoch
}

// Open returns the stream of a name. Nothing is asked yet. Its connection must have
// no reconnect buffer: what was refused must not be sent later.
func Open(js jetstream.JetStream, name string) *Stream {
	s := &Stream{js: js, nc: js.Conn(), name: name}
	s.state, s.deleted = &question{ask: s.ask}, &question{ask: s.askDeleted}
	return s
}

// Name is what JetStream calls it.
func (s *Stream) Name() string { return s.name }

// Connected reports whether NATS is reached at this moment.
func (s *Stream) Connected() bool { return s.nc.IsConnected() }

// Reconnects is how often NATS was away and reached again.
func (s *Stream) Reconnects() uint64 { return s.nc.Stats().Reconnects }

// Disconnected calls back, once, when NATS is reached no more. It must be stopped.
func (s *Stream) Disconnected(call func()) (stop func()) {
	statuses := s.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	done := make(chan struct{})
	go func() {
		select {
		case <-statuses:
			call()
		case <-done:
		}
	}()
	return func() {
		s.nc.RemoveStatusListener(statuses)
		close(done)
	}
}

// State is how the stream is, as its leader says after the call: an answer is
// shared by those alone who came before its question was sent.
func (s *Stream) State(ctx context.Context) (*State, error) { return s.state.answer(ctx) }

// StateWithDeleted is State with the sequences of the deleted messages, which may be
// many.
func (s *Stream) StateWithDeleted(ctx context.Context) (*State, error) { return s.deleted.answer(ctx) }

// api is the subject of a question to JetStream's API.
func (s *Stream) api(question string) string {
	return strings.TrimSuffix(cmp.Or(s.js.Options().APIPrefix, jetstream.DefaultAPIPrefix), ".") + "." + question
}
