package gateway

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/server"
	"rollcall/internal/stream"
)

// submitAllOrNothing stores all submissions as one atomic batch of JetStream's, or
// none. Its error is one to answer with.
func (g *Gateway) submitAllOrNothing(ctx context.Context, submissions []*contactv1.SubmitPersonRequest) ([]*contactv1.SubmissionResult, error) {
	ctx, cancel := context.WithTimeout(ctx, g.cfg.Timeout)
	defer cancel()
	batch, err := g.batchOf(submissions)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, lateRefusal(ctx)
	}
	if err := g.obstacle(); err != nil {
		return nil, g.refusal(ctx, err)
	}
	last, err := g.publisher.SendTogether(ctx, batch)
	if errors.Is(err, stream.ErrKnownKey) {
		return g.submittedBefore(ctx, submissions)
	}
	if err != nil {
		return nil, g.refusal(ctx, err)
	}
	epoch, err := g.epochOf(ctx, submissions[len(submissions)-1], last)
	if err != nil {
		return nil, err
	}
	return inARow(epoch, last.Sequence, len(submissions)), nil
}

// inARow is the results of n persons that are stored one after another, up to last.
func inARow(epoch string, last uint64, n int) []*contactv1.SubmissionResult {
	results := make([]*contactv1.SubmissionResult, n)
	for i := range results {
		results[i] = resultOf(&contactv1.SubmitPersonResponse{
			Epoch: epoch, Sequence: last - uint64(n-1-i), //nolint:gosec // i is below n
		}, nil)
	}
	return results
}

// batchOf validates and encodes all; the first that can't be stored is the error.
func (g *Gateway) batchOf(submissions []*contactv1.SubmitPersonRequest) ([]stream.Unsent, error) {
	batch := make([]stream.Unsent, len(submissions))
	seen := make(map[string]int, len(submissions))
	for i, submission := range submissions {
		if err := server.Validate(g.validator, submission); err != nil {
			return nil, ofSubmission(i, err)
		}
		payload, err := person.Encode(nil, submission.GetPerson())
		if err != nil {
			return nil, ofSubmission(i, unencodable(err))
		}
		key := submission.GetIdempotencyKey()
		if key != "" {
			if first, twice := seen[key]; twice {
				return nil, connect.Errorf(connect.CodeInvalidArgument,
					"submissions[%d].idempotency_key: submissions[%d] has the same: give each person its own", i, first)
			}
			seen[key] = i
		}
		batch[i] = stream.Unsent{Key: key, Payload: payload}
	}
	return batch, nil
}

// ofSubmission says whose error it is.
func ofSubmission(i int, err error) error {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return err
	}
	named := connect.NewError(rpc.Code(), fmt.Sprintf("submissions[%d]: %s", i, rpc.Message())).WithCause(err)
	for _, detail := range rpc.Details() {
		named = named.WithDetail(detail)
	}
	return named
}

// submittedBefore answers a batch that JetStream refused for a key it knows. All
// of them known is a retry.
func (g *Gateway) submittedBefore(ctx context.Context, submissions []*contactv1.SubmitPersonRequest) ([]*contactv1.SubmissionResult, error) {
	results := make([]*contactv1.SubmissionResult, len(submissions))
	before, unknown := -1, -1
	for i, submission := range submissions {
		ack, err := g.lookUp(ctx, submission.GetIdempotencyKey())
		switch {
		case err != nil:
			return nil, g.refusal(ctx, err)
		case ack == nil:
			unknown = i
		default:
			before = i
			if err := g.requireSame(ctx, submission, ack.Sequence); err != nil {
				return nil, ofSubmission(i, err)
			}
			epoch, err := g.epochOf(ctx, submission, *ack)
			if err != nil {
				return nil, err
			}
			results[i] = resultOf(&contactv1.SubmitPersonResponse{Epoch: epoch, Sequence: ack.Sequence, Duplicate: true}, nil)
		}
		if before >= 0 && unknown >= 0 {
			return nil, connect.Errorf(connect.CodeFailedPrecondition,
				"submissions[%d].idempotency_key: it has stored its person before, and that of submissions[%d] has not: nothing was stored; send the new ones alone, or all of them without all_or_nothing", before, unknown)
		}
	}
	if unknown >= 0 {
		return nil, unavailable(reasonJetStream, "the keys were forgotten at this moment: nothing was stored, send the persons again")
	}
	return results, nil
}

// lookUp returns where JetStream remembers a key; nil if it does not, as for no key.
func (g *Gateway) lookUp(ctx context.Context, key string) (*stream.Ack, error) {
	if key == "" {
		return nil, nil //nolint:nilnil // no key is not known, and that is no error
	}
	return g.publisher.LookUp(ctx, key)
}
