package gateway

import (
	"context"
	"errors"
	"sync"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/person"
)

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// service is SubmitService as Connect calls it; the interceptor has validated.
type service struct {
	contactv1connect.UnimplementedSubmitServiceHandler
	*Gateway
}

// SubmitPerson stores one person.
func (s service) SubmitPerson(ctx context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	buffer := buffers.Get().(*[]byte) //nolint:errcheck // the pool holds nothing else
	defer buffers.Put(buffer)         // NATS has copied it by the time publish returns
	payload, err := person.Encode((*buffer)[:0], request.GetPerson())
	*buffer = payload
	if errors.Is(err, person.ErrTooLarge) {
		return nil, connect.Errorf(connect.CodeInvalidArgument, "person: %s", err)
	}
	if err != nil {
		return nil, connect.Errorf(connect.CodeInvalidArgument, "person: cannot be encoded: %s", err)
	}
	response, err := s.store(ctx, submission{person: request.GetPerson(), key: request.GetIdempotencyKey(), payload: payload})
	if err != nil {
		sayRetryAfter(ctx, err)
		return nil, err
	}
	return response, nil
}

// submission is a valid person on its way to the stream.
type submission struct {
	person  *contactv1.Person
	key     string
	payload []byte
}

// store publishes a submission and waits until it is stored. Its error is one to
// answer with.
func (g *Gateway) store(ctx context.Context, s submission) (*contactv1.SubmitPersonResponse, error) {
	if g.stopping.Load() {
		return nil, unavailable(reasonStopping, "the server is stopping: nothing was stored, send it again")
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, g.cfg.Timeout)
		defer cancel()
	}
	// Read before publishing: what is stored from now on comes after it.
	known := g.epoch.last()
	ack, err := g.publish(ctx, s)
	if err != nil {
		return nil, g.refusal(ctx, err)
	}
	if ack.Duplicate {
		if err := g.requireSame(ctx, s, ack.Sequence); err != nil {
			return nil, err
		}
	}
	epoch, err := g.epoch.of(ctx, ack, known)
	if err != nil {
		return nil, unavailable(reasonNATSAway, "the person is stored, but the stream's epoch could not be read: send it again with the same idempotency key")
	}
	return &contactv1.SubmitPersonResponse{Epoch: epoch, Sequence: ack.Sequence, Duplicate: ack.Duplicate}, nil
}
