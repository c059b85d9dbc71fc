package gateway

import (
	"context"
	"errors"
	"sync"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
)

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// service is SubmitService as Connect calls it; the interceptor has validated.
type service struct{ *Gateway }

// SubmitPerson stores one person.
func (s service) SubmitPerson(ctx context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	if err := s.allow(ctx, 1); err != nil {
		return nil, answerable(ctx, err)
	}
	w, err := s.dispatch(ctx, request)
	if err != nil {
		return nil, answerable(ctx, err)
	}
	response, err := s.settle(ctx, w)
	if err != nil {
		return nil, answerable(ctx, err)
	}
	return response, nil
}

// underway is a submission that was sent to JetStream.
type underway struct {
	request *contactv1.SubmitPersonRequest
	flight  *flight
	// known is what the epoch knew before it was sent.
	known uint64
	// sequence is set, and nothing was sent, if it is known to be stored.
	sequence uint64
}

// wait returns where it is stored.
func (w underway) wait(ctx context.Context) (jetstream.PubAck, error) {
	if w.sequence > 0 {
		return jetstream.PubAck{Sequence: w.sequence, Duplicate: true}, nil
	}
	return w.flight.wait(ctx)
}

// dispatch encodes a valid submission and sends it. What is under way must be
// settled. Errors are ones to answer with, here and in settle.
func (g *Gateway) dispatch(ctx context.Context, request *contactv1.SubmitPersonRequest) (underway, error) {
	buffer := buffers.Get().(*[]byte) //nolint:errcheck // the pool holds nothing else
	defer buffers.Put(buffer)         // NATS has copied it by then
	payload, err := person.Encode((*buffer)[:0], request.GetPerson())
	*buffer = payload
	if err != nil {
		return underway{}, unencodable(err)
	}
	return g.dispatchEncoded(ctx, request, payload)
}

// dispatchEncoded is dispatch for a message that is there already.
func (g *Gateway) dispatchEncoded(ctx context.Context, request *contactv1.SubmitPersonRequest, payload []byte) (underway, error) {
	if g.isStopping() {
		return underway{}, stoppingRefusal()
	}
	// Read before publishing: what is stored from now on comes after it.
	w := underway{request: request, known: g.epoch.last()}
	var err error
	if w.flight, err = g.publisher.send(ctx, request.GetIdempotencyKey(), payload); err != nil {
		return underway{}, g.refusal(ctx, err)
	}
	return w, nil
}

// settle waits until a submission is stored.
func (g *Gateway) settle(ctx context.Context, w underway) (*contactv1.SubmitPersonResponse, error) {
	ack, err := w.wait(ctx)
	if err != nil {
		return nil, g.refusal(ctx, err)
	}
	if ack.Duplicate {
		if err := g.requireSame(ctx, w.request, ack.Sequence); err != nil {
			return nil, err
		}
	}
	epoch, err := g.epoch.of(ctx, &ack, w.known)
	if err != nil {
		return nil, unavailable(reasonNATSAway, "the person is stored, but the stream's epoch could not be read: send it again with the same idempotency key")
	}
	return &contactv1.SubmitPersonResponse{Epoch: epoch, Sequence: ack.Sequence, Duplicate: ack.Duplicate}, nil
}

// requireSame returns nil if the person stored under the submission's key is the
// submitted one. An OK for a person that was not stored must not be.
func (g *Gateway) requireSame(ctx context.Context, request *contactv1.SubmitPersonRequest, sequence uint64) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
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
	if path := person.Diff(before, request.GetPerson()); path != "" {
		return connect.Errorf(connect.CodeAlreadyExists,
			"idempotency_key: it was used for another person, at sequence %d: %s differs; give each person its own key", sequence, path)
	}
	return nil
}
