package gateway

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/person"
	"rollcall/internal/stream"
)

// publish sends the submission to JetStream and waits for its acknowledgement.
func (g *Gateway) publish(ctx context.Context, s submission) (*jetstream.PubAck, error) {
	if !g.nc.IsConnected() {
		return nil, errNATSAway // rather than wait for the deadline
	}
	msg := &nats.Msg{Subject: g.cfg.Subject, Data: s.payload}
	options := []jetstream.PublishOpt{
		// No second try here: the client, told at once, decides.
		jetstream.WithRetryAttempts(0),
		jetstream.WithExpectStream(g.cfg.Stream),
	}
	if s.key != "" {
		options = append(options, jetstream.WithMsgID(s.key))
	}
	ack, err := g.js.PublishMsg(ctx, msg, options...)
	if err != nil {
		return nil, fmt.Errorf("publish to %s: %w", g.cfg.Subject, err)
	}
	return ack, nil
}

// requireSame returns nil if the person stored under the submission's key is the
// submitted one. An OK for a person that was not stored must not be.
func (g *Gateway) requireSame(ctx context.Context, s submission, sequence uint64) error {
	stored, err := stream.Get(ctx, g.nc, g.cfg.Stream, sequence)
	if errors.Is(err, stream.ErrNotStored) {
		return connect.Errorf(connect.CodeFailedPrecondition,
			"idempotency_key: it stored a person at sequence %d, which the stream no longer has: to store this person, give a new key", sequence)
	}
	if err != nil {
		return g.refusal(ctx, err)
	}
	before, err := person.Decode(stored.Payload)
	if err != nil {
		return connect.Errorf(connect.CodeAlreadyExists, "idempotency_key: it was used for another message, at sequence %d: give each person its own", sequence)
	}
	if path := person.Diff(before, s.person); path != "" {
		return connect.Errorf(connect.CodeAlreadyExists,
			"idempotency_key: it was used for another person, at sequence %d: %s differs; give each person its own key", sequence, path)
	}
	return nil
}
