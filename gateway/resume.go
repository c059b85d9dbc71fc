package gateway

import (
	"context"
	"errors"
	"io"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
)

// errLateResume answers a resume that is not in the first message.
var errLateResume = connect.NewError(connect.CodeInvalidArgument, "resume: belongs into the import's first message")

// resume begins the submissions that may be stored since an earlier import, once it
// is known which are. request is the first message.
func (i *importCall) resume(ctx context.Context, request *contactv1.ImportPersonsRequest) error {
	resume := request.GetResume()
	first, err := i.gather(request, int(resume.GetSubmissions()))
	if err != nil {
		return err
	}
	maybe := min(int(resume.GetSubmissions()), len(first))
	keys := make(map[string]uint64, maybe)
	for n, submission := range first[:maybe] {
		if submission.GetIdempotencyKey() == "" {
			return connect.Errorf(connect.CodeInvalidArgument, "resume.submissions: submission %d has no idempotency key to look for", n)
		}
		keys[submission.GetIdempotencyKey()] = 0
	}
	epoch := resume.GetAfter().GetEpoch()
	if err := i.stream.FindKeys(ctx, epoch, resume.GetAfter().GetSequence(), keys); err != nil {
		return i.searchRefusal(ctx, err)
	}
	for _, submission := range first {
		a := attempt{request: submission, stored: stream.Ack{Epoch: epoch, Sequence: keys[submission.GetIdempotencyKey()], Duplicate: true}}
		if a.stored.Sequence == 0 {
			a = i.begin(ctx, submission)
		}
		if err := i.push(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// gather receives until there are n submissions, or no more. It returns what came
// with them too.
func (i *importCall) gather(request *contactv1.ImportPersonsRequest, n int) ([]*contactv1.SubmitPersonRequest, error) {
	all := request.GetSubmissions()
	for len(all) < n {
		next, err := i.call.Receive()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if next.GetResume() != nil {
			return nil, errLateResume
		}
		all = append(all, next.GetSubmissions()...)
	}
	return all, nil
}

// searchRefusal answers a search that did not come to its end.
func (g *Gateway) searchRefusal(ctx context.Context, err error) error {
	if unsearchable, ok := errors.AsType[*stream.UnsearchableError](err); ok {
		return withReason(connect.Errorf(connect.CodeFailedPrecondition,
			"resume: it can't be told which persons are stored already: %s; nothing was stored. Find out what is there before importing the rest", unsearchable), reasonResume)
	}
	return g.refusal(ctx, err)
}
