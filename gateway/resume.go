package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
)

// silence is how long JetStream may say nothing during a search before it is given
// up.
const silence = 5 * time.Second

// errLateResume answers a resume that is not in the first message.
var errLateResume = connect.NewError(connect.CodeInvalidArgument, "resume: belongs into the import's first message")

// resume begins the submissions that may be stored since an earlier import, once it
// is known which are. request is the first message.
func (i *importing) resume(ctx context.Context, request *contactv1.ImportPersonsRequest) error {
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
	if err := i.search(ctx, resume.GetAfter(), keys); err != nil {
		return err
	}
	for _, submission := range first {
		b := begun{underway: underway{request: submission, sequence: keys[submission.GetIdempotencyKey()]}}
		if b.sequence == 0 {
			b = i.begin(ctx, submission)
		}
		if err := i.push(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// gather receives until there are n submissions, or no more. It returns what came
// with them too.
func (i *importing) gather(request *contactv1.ImportPersonsRequest, n int) ([]*contactv1.SubmitPersonRequest, error) {
	all := request.GetSubmissions()
	for len(all) < n {
		next, err := i.stream.Receive()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // it is an RPC error already
		}
		if next.GetResume() != nil {
			return nil, errLateResume
		}
		all = append(all, next.GetSubmissions()...)
	}
	return all, nil
}

// search sets the sequence of each key that is stored after a position. Every
// message from there to the stream's end must still be there: what is missing may
// have had one of them.
func (g *Gateway) search(ctx context.Context, after *contactv1.Position, keys map[string]uint64) error {
	info, err := g.info(ctx)
	if err != nil {
		return g.refusal(ctx, err)
	}
	from, last := after.GetSequence()+1, info.State.LastSeq
	switch {
	case after.GetEpoch() != stream.Epoch(info):
		return impossible("the stream is another one (epoch %s) than the import began with (%s)", stream.Epoch(info), after.GetEpoch())
	case after.GetSequence() > last:
		return impossible("the stream ends at sequence %d, before the position %d", last, after.GetSequence())
	case from <= last && from < info.State.FirstSeq:
		return impossible("the stream keeps nothing before sequence %d any more, and the position is %d", info.State.FirstSeq, after.GetSequence())
	}
	for looked := after.GetSequence(); looked < last; {
		looked, err = g.searchFrom(ctx, looked+1, last, keys)
		if err != nil {
			return err
		}
	}
	return g.sameStill(ctx, after.GetEpoch())
}

// searchFrom reads the ids of the messages from a sequence to the last, and returns
// how far it got.
func (g *Gateway) searchFrom(ctx context.Context, from, last uint64, keys map[string]uint64) (looked uint64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	consumer, err := g.js.OrderedConsumer(ctx, g.cfg.Stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from, HeadersOnly: true,
	})
	if err != nil {
		return 0, g.refusal(ctx, err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return 0, g.refusal(ctx, err)
	}
	defer messages.Stop()
	for looked = from - 1; looked < last; {
		msg, err := messages.Next(jetstream.NextMaxWait(silence))
		if err != nil {
			return 0, g.refusal(ctx, fmt.Errorf("search for the keys: %w", err))
		}
		meta, err := msg.Metadata()
		if err != nil {
			return 0, g.refusal(ctx, fmt.Errorf("search for the keys: %w", err))
		}
		if meta.Sequence.Stream != looked+1 {
			return 0, impossible("the stream has lost sequence %d since", looked+1)
		}
		looked = meta.Sequence.Stream
		if key := msg.Headers().Get(jetstream.MsgIDHeader); key != "" {
			if _, wanted := keys[key]; wanted {
				keys[key] = looked
			}
		}
	}
	return looked, nil
}

// sameStill makes sure that what was read is of one incarnation.
func (g *Gateway) sameStill(ctx context.Context, epoch string) error {
	info, err := g.info(ctx)
	if err != nil {
		return g.refusal(ctx, err)
	}
	if stream.Epoch(info) != epoch {
		return impossible("the stream was made anew")
	}
	return nil
}

func (g *Gateway) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := g.js.Stream(ctx, g.cfg.Stream)
	if err != nil {
		return nil, fmt.Errorf("look up stream %q: %w", g.cfg.Stream, err)
	}
	return s.CachedInfo(), nil
}

func impossible(format string, args ...any) error {
	return withReason(connect.Errorf(connect.CodeFailedPrecondition,
		"resume: it can't be told which persons are stored already: "+format+"; nothing was stored. Find out what is there before importing the rest", args...), reasonResume)
}
