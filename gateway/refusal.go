package gateway

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"rollcall/internal/person"
	"rollcall/internal/stream"
)

// domain is the google.rpc.ErrorInfo domain of our reasons.
const domain = "rollcall"

// Reasons in google.rpc.ErrorInfo.
const (
	reasonStreamFull = "STREAM_FULL"
	reasonNoStream   = "NO_STREAM"
	reasonNATSAway   = "NATS_AWAY"
	reasonStopping   = "STOPPING"
	reasonOverloaded = "OVERLOADED"
	reasonRateLimit  = "RATE_LIMITED"
	reasonResume     = "RESUME_IMPOSSIBLE"
)

// retryDelay is how soon a client may try again: about what a reconnect or an
// election takes.
const retryDelay = time.Second

// refusal turns what went wrong with JetStream into the answer. Only what is sure
// not to be stored is answered with anything but UNAVAILABLE or
// DEADLINE_EXCEEDED.
func (g *Gateway) refusal(ctx context.Context, err error) *connect.Error {
	switch {
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, "the client gave up; it is unknown whether the person was stored").WithCause(err)
	case !g.stream.Connected(), errors.Is(err, stream.ErrUnacknowledged):
		return unavailable(reasonNATSAway, "NATS is away; it is unknown whether the person was stored: send it again with the same idempotency key").WithCause(err)
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil:
		return withRetry(connect.NewError(connect.CodeDeadlineExceeded,
			"no acknowledgement in time; it is unknown whether the person was stored: send it again with the same idempotency key").WithCause(err), retryDelay)
	case errors.Is(err, stream.ErrNoStream):
		return unavailable(reasonNoStream, "no stream takes the person now (it does not exist, or has no leader): nothing was stored, send it again").WithCause(err)
	case errors.Is(err, stream.ErrTooLarge):
		return connect.NewError(connect.CodeInvalidArgument, "person: larger than the stream or NATS takes").WithCause(err)
	case errors.Is(err, stream.ErrFull):
		return full(err)
	case errors.Is(err, stream.ErrSealed):
		return connect.NewError(connect.CodeFailedPrecondition, "the stream is sealed and takes nothing more").WithCause(err)
	case errors.Is(err, stream.ErrOtherStream):
		return connect.NewError(connect.CodeFailedPrecondition, "the subject that this server publishes on belongs to another stream: the operator has to name the right one").WithCause(err)
	case errors.Is(err, stream.ErrNoBatches):
		return connect.NewError(connect.CodeFailedPrecondition,
			"all_or_nothing: the stream takes no atomic batches: the operator has to allow them (nats stream edit --allow-batch)").WithCause(err)
	case errors.Is(err, stream.ErrBusy):
		return overloaded().WithCause(err)
	}
	if answer, ok := errors.AsType[*stream.Answer](err); ok {
		return unavailable(reasonNATSAway, "JetStream cannot store the person now: "+answer.Description).WithCause(err)
	}
	return unavailable(reasonNATSAway, "NATS is away: send it again with the same idempotency key").WithCause(err)
}

// full is the answer when there is no room. JetStream finds that out before it
// stores.
func full(err error) *connect.Error {
	what := "it"
	if answer, ok := errors.AsType[*stream.Answer](err); ok {
		what = answer.Description
	}
	return withReason(connect.Errorf(connect.CodeResourceExhausted,
		"the stream is full (%s): nothing was stored; the operator has to make room", what).WithCause(err), reasonStreamFull)
}

// madeAnew is the answer to a submission that was acknowledged while its stream was
// made anew.
func madeAnew() *connect.Error {
	return unavailable(reasonNoStream, "the stream was made anew at this moment; it is unknown whether the person is in it: send it again with the same idempotency key")
}

func stoppingRefusal() *connect.Error {
	return unavailable(reasonStopping, "the server is stopping: nothing was stored, send it again")
}

// unencodable is the answer to a person that the schema cannot hold.
func unencodable(err error) *connect.Error {
	if errors.Is(err, person.ErrTooLarge) {
		return connect.Errorf(connect.CodeInvalidArgument, "person: %s", err)
	}
	return connect.Errorf(connect.CodeInvalidArgument, "person: cannot be encoded: %s", err)
}

func unavailable(reason, message string) *connect.Error {
	return withRetry(withReason(connect.NewError(connect.CodeUnavailable, message), reason), retryDelay)
}

func withReason(err *connect.Error, reason string) *connect.Error {
	return withDetail(err, &errdetails.ErrorInfo{Reason: reason, Domain: domain})
}

func withRetry(err *connect.Error, after time.Duration) *connect.Error {
	return withDetail(err, &errdetails.RetryInfo{RetryDelay: durationpb.New(after)})
}

func withDetail(err *connect.Error, message proto.Message) *connect.Error {
	detail, packErr := connectproto.NewErrorDetail(message)
	if packErr != nil {
		panic(fmt.Sprintf("pack error detail: %v", packErr)) // of types that are compiled in
	}
	return err.WithDetail(detail)
}

// details returns what the error carries beside its message.
func details(err *connect.Error) []proto.Message {
	all := make([]proto.Message, 0, len(err.Details()))
	for _, packed := range err.Details() {
		detail, unpackErr := connectproto.UnmarshalErrorDetail(packed)
		if unpackErr != nil {
			panic(fmt.Sprintf("unpack error detail: %v", unpackErr)) // packed here
		}
		all = append(all, detail)
	}
	return all
}

// retryDelayOf returns after how long the same may be sent again; false if that
// makes no sense.
func retryDelayOf(err error) (time.Duration, bool) {
	if rpc, ok := errors.AsType[*connect.Error](err); ok {
		for _, detail := range details(rpc) {
			if retry, ok := detail.(*errdetails.RetryInfo); ok {
				return retry.GetRetryDelay().AsDuration(), true
			}
		}
	}
	return 0, false
}

// retryAfter is the Retry-After header for an error, in whole seconds.
func retryAfter(err error) (string, bool) {
	delay, ok := retryDelayOf(err)
	return strconv.Itoa(int(math.Ceil(delay.Seconds()))), ok
}

// answerable puts an error's hint where HTTP clients and proxies look for it.
func answerable(ctx context.Context, err error) error {
	info, ok := connect.CallInfoForServerContext(ctx)
	if hint, retry := retryAfter(err); ok && retry {
		info.ResponseHeader().Set("Retry-After", hint)
	}
	return err
}
