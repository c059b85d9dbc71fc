package gateway

import (
	"context"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/server"
)

// maxBatch is how many submissions a SubmitPersonsRequest holds at most; the API
// says so.
const maxBatch = 1000

// SubmitPersons stores many persons, each for itself or all together.
func (s service) SubmitPersons(ctx context.Context, request *contactv1.SubmitPersonsRequest) (*contactv1.SubmitPersonsResponse, error) {
	submissions := request.GetSubmissions()
	if err := refuseKey(ctx); err != nil {
		return nil, err
	}
	if s.isStopping() {
		return nil, answerable(ctx, stoppingRefusal())
	}
	if err := s.allow(ctx, len(submissions)); err != nil {
		return nil, answerable(ctx, err)
	}
	if !request.GetAllOrNothing() {
		return &contactv1.SubmitPersonsResponse{Results: s.submitEach(ctx, submissions)}, nil
	}
	results, err := s.submitAllOrNothing(ctx, submissions)
	if err != nil {
		return nil, answerable(ctx, err)
	}
	return &contactv1.SubmitPersonsResponse{Results: results}, nil
}

// begin validates a submission and sends it.
func (g *Gateway) begin(ctx context.Context, submission *contactv1.SubmitPersonRequest) attempt {
	if err := server.Validate(g.validator, submission); err != nil {
		return attempt{refused: err}
	}
	return g.dispatch(ctx, submission)
}

// finish waits for what was begun. Its error is that of the result.
func (g *Gateway) finish(ctx context.Context, a attempt) (*contactv1.SubmissionResult, error) {
	response, err := g.settle(ctx, a)
	return resultOf(response, err), err
}

// submitEach sends all before it waits for the first.
func (g *Gateway) submitEach(ctx context.Context, submissions []*contactv1.SubmitPersonRequest) []*contactv1.SubmissionResult {
	attempts := make([]attempt, len(submissions))
	for i, submission := range submissions {
		attempts[i] = g.begin(ctx, submission)
	}
	results := make([]*contactv1.SubmissionResult, len(attempts))
	for i, a := range attempts {
		results[i], _ = g.finish(ctx, a)
	}
	return results
}
