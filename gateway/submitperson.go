package gateway

import (
	"context"
	"errors"
	"sync"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/server"
	"rollcall/internal/stream"
)

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// service is SubmitService as Connect calls it; the interceptor has validated.
type service struct{ *Gateway }

// SubmitPerson stores one person.
func (s service) SubmitPerson(ctx context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	given, err := takeKey(request, keysOf(ctx))
	if given {
		err = server.Validate(s.validator, request)
	}
	if err != nil {
		return nil, err
	}
	if err := s.allow(ctx, 1); err != nil {
		return nil, answerable(ctx, err)
	}
	response, err := s.settle(ctx, s.dispatch(ctx, request))
	if err != nil {
		return nil, answerable(ctx, err)
	}
	return response, nil
}

// attempt is the attempt to store one submission. It must be settled, once.
type attempt struct {
	request *contactv1.SubmitPersonRequest
	// One of these is set: why nothing was sent, what was sent, or where the person is
	// known to be stored.
	refused error
	flight  *stream.Flight
	stored  stream.Ack
}

// acknowledgement returns where the person is stored.
func (a attempt) acknowledgement(ctx context.Context) (stream.Ack, error) {
	if a.flight == nil {
		return a.stored, nil
	}
	return a.flight.Wait(ctx)
}

// dispatch encodes a valid submission and sends it. Errors are ones to answer with,
// here and in settle.
func (g *Gateway) dispatch(ctx context.Context, request *contactv1.SubmitPersonRequest) attempt {
	buffer := buffers.Get().(*[]byte) //nolint:errcheck // the pool holds nothing else
	defer buffers.Put(buffer)         // NATS has copied it by then
	payload, err := person.Encode((*buffer)[:0], request.GetPerson())
	*buffer = payload
	if err != nil {
		return attempt{refused: unencodable(err)}
	}
	return g.dispatchEncoded(ctx, request, payload)
}

// dispatchEncoded is dispatch for a message that is there already.
func (g *Gateway) dispatchEncoded(ctx context.Context, request *contactv1.SubmitPersonRequest, payload []byte) attempt {
	if g.isStopping() {
		return attempt{refused: stoppingRefusal()}
	}
	if ctx.Err() != nil {
		return attempt{refused: lateRefusal(ctx)}
	}
	if err := g.obstacle(); err != nil {
		return attempt{refused: g.refusal(ctx, err)}
	}
	flight, err := g.publisher.Send(ctx, request.GetIdempotencyKey(), payload)
	if err != nil {
		return attempt{refused: g.refusal(ctx, err)}
	}
	return attempt{request: request, flight: flight}
}

// settle waits until a submission is stored.
func (g *Gateway) settle(ctx context.Context, a attempt) (*contactv1.SubmitPersonResponse, error) {
	if a.refused != nil {
		return nil, a.refused
	}
	ack, err := a.acknowledgement(ctx)
	if err != nil {
		return nil, g.refusal(ctx, err)
	}
	if ack.Duplicate {
		if err := g.requireSame(ctx, a.request, ack.Sequence); err != nil {
			return nil, err
		}
	}
	epoch, err := g.epochOf(ctx, a.request, ack)
	if err != nil {
		return nil, err
	}
	return &contactv1.SubmitPersonResponse{Epoch: epoch, Sequence: ack.Sequence, Duplicate: ack.Duplicate}, nil
}

// epochOf returns the epoch in which a submission is stored. In a stream that was made
// anew meanwhile the person has to be at that sequence: it may have been stored in the
// stream before.
func (g *Gateway) epochOf(ctx context.Context, request *contactv1.SubmitPersonRequest, ack stream.Ack) (string, error) {
	epoch, sure, err := g.stream.EpochOf(ctx, ack)
	if err != nil {
		return "", unavailable(reasonOf(err), "the person is stored, but the stream's epoch could not be read: send it again with the same idempotency key").WithCause(err)
	}
	if sure {
		return epoch, nil
	}
	if err := g.requireSame(ctx, request, ack.Sequence); err != nil {
		return "", madeAnew()
	}
	if state, err := g.stream.State(ctx); err != nil || state.Epoch != epoch {
		return "", madeAnew()
	}
	return epoch, nil
}

// requireSame returns nil if the person stored under the submission's key is the
// submitted one. An OK for a person that was not stored must not be.
func (g *Gateway) requireSame(ctx context.Context, request *contactv1.SubmitPersonRequest, sequence uint64) error {
	stored, err := g.stream.Get(ctx, sequence)
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
