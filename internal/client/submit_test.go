package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

var ada = &contactv1.Person{Name: "Ada", Email: "ada@example.org"}

func TestEveryAttemptCarriesTheSameKey(t *testing.T) {
	t.Parallel()

	for name, fail := range map[string]func() error{
		"unavailable":       func() error { return connect.NewError(connect.CodeUnavailable, "away") },
		"deadline exceeded": func() error { return connect.NewError(connect.CodeDeadlineExceeded, "late") },
		"connection cut":    cut,
	} {
		for _, protocol := range []Protocol{ProtocolConnect, ProtocolGRPC, ProtocolGRPCWeb} {
			t.Run(name+" over "+string(protocol), func(t *testing.T) {
				t.Parallel()
				wantSameKey(t, protocol, fail)
			})
		}
	}
}

func wantSameKey(t *testing.T, protocol Protocol, fail func() error) {
	t.Helper()

	server := newFixture(t)
	server.submit = func(_ context.Context, attempt int, _ *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
		if attempt < 3 {
			return nil, fail()
		}

		return &contactv1.SubmitPersonResponse{Epoch: "e1", Sequence: 7, Duplicate: true}, nil
	}
	submitter := &Submitter{
		Client:   contactv1connect.NewSubmitServiceClient(server.listen(protocol)),
		RetryFor: time.Minute,
	}

	response, err := submitter.Submit(t.Context(), ada, "key-1")
	if err != nil || response.GetSequence() != 7 || !response.GetDuplicate() {
		t.Fatalf("got %v, %v", response, err)
	}

	if len(server.submissions) != 3 {
		t.Errorf("%d attempts, want 3", len(server.submissions))
	}

	for _, submission := range server.submissions {
		if submission.GetIdempotencyKey() != "key-1" {
			t.Errorf("an attempt had key %q", submission.GetIdempotencyKey())
		}
	}
}

func TestWhenASubmissionIsTriedAgain(t *testing.T) {
	t.Parallel()

	const hint = 3 * time.Second

	for name, test := range map[string]struct {
		fail     func(t *testing.T) error
		retryFor time.Duration
		attempts int
		waited   time.Duration
	}{
		"as late as the server asks": {
			func(t *testing.T) error { return failing(t, connect.CodeResourceExhausted, retryIn(hint)) }, 4 * time.Second, 2, hint,
		},
		"not when the server asks for more than there is": {
			func(t *testing.T) error { return failing(t, connect.CodeUnavailable, retryIn(hint)) }, 2 * time.Second, 1, 0,
		},
		"not when the stream is full": {
			func(t *testing.T) error { return failing(t, connect.CodeResourceExhausted) }, time.Minute, 1, 0,
		},
		"not when a rule is broken": {
			func(t *testing.T) error { return failing(t, connect.CodeInvalidArgument) }, time.Minute, 1, 0,
		},
		"not when the key was another's": {
			func(t *testing.T) error { return failing(t, connect.CodeAlreadyExists) }, time.Minute, 1, 0,
		},
		"not without time": {
			func(t *testing.T) error { return failing(t, connect.CodeUnavailable) }, 0, 1, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				failure := test.fail(t)
				server := newFixture(t)
				server.submit = func(context.Context, int, *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
					return nil, failure
				}
				submitter := &Submitter{
					Client:   contactv1connect.NewSubmitServiceClient(server.direct()),
					RetryFor: test.retryFor,
				}

				if _, err := submitter.Submit(t.Context(), ada, "key-1"); connect.CodeOf(err) != connect.CodeOf(failure) {
					t.Errorf("got %v, want %v", err, failure)
				}

				times := server.submitTimes
				if len(times) != test.attempts || times[len(times)-1].Sub(times[0]) != test.waited {
					t.Errorf("%d attempts in %v, want %d in %v", len(times), times[len(times)-1].Sub(times[0]), test.attempts, test.waited)
				}
			})
		})
	}
}

func TestASilentServerIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newFixture(t)
		server.submit = func(ctx context.Context, attempt int, _ *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
			if attempt == 1 {
				return nil, stayOpen(ctx)
			}

			return &contactv1.SubmitPersonResponse{Epoch: "e1", Sequence: 1}, nil
		}
		submitter := &Submitter{
			Client:   contactv1connect.NewSubmitServiceClient(server.direct()),
			RetryFor: 30 * time.Second,
		}

		if _, err := submitter.Submit(t.Context(), ada, "key-1"); err != nil {
			t.Fatal(err)
		}

		if waited := server.submitTimes[1].Sub(server.submitTimes[0]); waited < AttemptTimeout {
			t.Errorf("asked again after %v, want %v at least", waited, AttemptTimeout)
		}
	})
}

func TestAnInterruptedSubmissionSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		server := newFixture(t)
		server.submit = func(context.Context, int, *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
			cancel()

			return nil, connect.NewError(connect.CodeUnavailable, "away")
		}
		submitter := &Submitter{
			Client:   contactv1connect.NewSubmitServiceClient(server.direct()),
			RetryFor: time.Minute,
		}

		_, err := submitter.Submit(ctx, ada, "key-1")
		if !errors.Is(err, context.Canceled) || !OutcomeUnknown(err) || Explain(err) != "interrupted" {
			t.Errorf("got %v", err)
		}
	})
}
