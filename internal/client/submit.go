package client

import (
	"context"
	"fmt"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

const (
	// AttemptTimeout bounds one attempt, as long as the server itself would try:
	// a server that has gone silent is asked again.
	AttemptTimeout = 5 * time.Second

	retryFirst = 200 * time.Millisecond
	retryLimit = 5 * time.Second
)

// Submitter submits persons, each until it is known what became of it.
type Submitter struct {
	// Client is the service. Required.
	Client contactv1connect.SubmitServiceClient
	// RetryFor is for how long a submission is tried anew, from its first attempt;
	// 0 tries once. The last attempt may still take 5 seconds.
	RetryFor time.Duration
	// Notice, if any, tells people, one line at a time, why it takes longer.
	Notice func(line string)
}

// Submit stores one person under a key, which must not be empty: all attempts
// carry it, so that they store one person at most. It tries again, with growing
// waits, while it is unknown whether the person was stored or while the server
// says to come again. After an error for which OutcomeUnknown is true, submitting
// with the same key within the stream's duplicate window is safe; after any other
// nothing was stored.
func (s *Submitter) Submit(ctx context.Context, person *contactv1.Person, key string) (*contactv1.SubmitPersonResponse, error) {
	request := &contactv1.SubmitPersonRequest{Person: person, IdempotencyKey: key}
	waits := newBackoff(retryFirst, retryLimit)
	began := time.Now()

	for {
		response, err := s.attempt(ctx, request)
		if err == nil {
			return response, nil
		}

		if ctx.Err() != nil {
			return nil, fmt.Errorf("submitting: %w", ctx.Err())
		}

		if !submitMayRetry(err) {
			return nil, err
		}

		hint, _ := retryHint(err)
		wait := waits.wait(hint)

		if time.Since(began)+wait > s.RetryFor {
			return nil, err
		}

		if s.Notice != nil {
			s.Notice(fmt.Sprintf("no answer yet: %s; again in %.1f s", Explain(err), wait.Seconds()))
		}

		if err := pause(ctx, wait); err != nil {
			return nil, fmt.Errorf("submitting: %w", err)
		}
	}
}

func (s *Submitter) attempt(ctx context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, AttemptTimeout)
	defer cancel()

	return s.Client.SubmitPerson(ctx, request)
}
