package gateway

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"rollcall/internal/person"
	"rollcall/internal/server"
	"rollcall/internal/stream"
)

// Reasons in google.rpc.ErrorInfo.
const (
	reasonStreamFull = "STREAM_FULL"
	reasonSettings   = "STREAM_SETTINGS"
	reasonStorage    = "STORAGE"
	reasonNoStream   = "NO_STREAM"
	reasonNATSAway   = "NATS_AWAY"
	reasonJetStream  = "JETSTREAM"
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
	if errors.Is(err, context.Canceled) {
		return connect.NewError(connect.CodeCanceled, "the client gave up; it is unknown whether the person was stored").WithCause(err)
	}
	if broken, ok := errors.AsType[*stream.SettingsError](err); ok {
		return settingsRefusal(broken.Error(), broken.Findings[0].Setting).WithCause(err)
	}
	if answer, ok := errors.AsType[*stream.AnswerError](err); ok {
		return answerRefusal(answer).WithCause(err)
	}
	switch reason := reasonOf(err); {
	case reason == reasonStorage:
		return storageRefusal().WithCause(err)
	case reason == reasonNATSAway || !g.stream.Connected():
		return unavailable(reasonNATSAway, "NATS is away; it is unknown whether the person was stored: send it again with the same idempotency key").WithCause(err)
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil:
		return withRetry(connect.NewError(connect.CodeDeadlineExceeded,
			"no acknowledgement in time; it is unknown whether the person was stored: send it again with the same idempotency key").WithCause(err), retryDelay)
	case reason == reasonNoStream:
		return unavailable(reasonNoStream, "no stream takes the person now (it does not exist, or has no leader): nothing was stored, send it again").WithCause(err)
	case errors.Is(err, stream.ErrTooLarge):
		return tooLarge().WithCause(err)
	}
	return unavailable(reasonJetStream, fmt.Sprintf("JetStream could not be asked (%s); it is unknown whether the person was stored: send it again with the same idempotency key", err)).WithCause(err)
}

// reasonOf is why JetStream can't do what it was asked at the moment.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, stream.ErrStorage):
		return reasonStorage
	case errors.Is(err, stream.ErrAway), errors.Is(err, stream.ErrUnacknowledged):
		return reasonNATSAway
	case errors.Is(err, stream.ErrNoStream), errors.Is(err, stream.ErrNoJetStream):
		return reasonNoStream
	}
	return reasonJetStream
}

// answerRefusal is the answer to what JetStream itself said. It stores nothing that it
// gives an error for.
func answerRefusal(answer *stream.AnswerError) *connect.Error {
	switch {
	case errors.Is(answer, stream.ErrStorage):
		return storageRefusal()
	case errors.Is(answer, stream.ErrFull):
		return full(answer)
	case errors.Is(answer, stream.ErrTooLarge):
		return tooLarge()
	case errors.Is(answer, stream.ErrNoStream):
		return unavailable(reasonNoStream, "the stream does not exist: nothing was stored, send it again")
	case errors.Is(answer, stream.ErrSealed):
		return settingsRefusal("the stream is sealed and takes nothing more", "sealed")
	case errors.Is(answer, stream.ErrCounts):
		return settingsRefusal("the stream counts (allow_msg_counter) and takes nothing else", "allow_msg_counter")
	case errors.Is(answer, stream.ErrOtherStream):
		return settingsRefusal("the subject that this server publishes on belongs to another stream: the operator has to name the right one", "subjects")
	case errors.Is(answer, stream.ErrNoBatches):
		return settingsRefusal("all_or_nothing: the stream takes no atomic batches (allow_atomic): the operator has to allow them (nats stream edit --allow-batch)", "allow_atomic")
	case errors.Is(answer, stream.ErrBusy):
		return overloaded()
	case errors.Is(answer, stream.ErrKeyInProcess):
		return unavailable(reasonJetStream, "idempotency_key: a person with the same key is being stored at this moment: send this one again to hear of it")
	case isForNow(answer):
		return unavailable(reasonJetStream, fmt.Sprintf("JetStream answered %s: nothing was stored, send it again", answer))
	}
	return withReason(connect.Errorf(connect.CodeFailedPrecondition,
		"JetStream answered %s: nothing was stored; the operator has to find out why", answer), reasonJetStream)
}

// isForNow reports whether JetStream may answer otherwise a little later: what it calls
// the request's own fault, it would say again.
func isForNow(answer *stream.AnswerError) bool {
	return answer.Status < http.StatusBadRequest || answer.Status >= http.StatusInternalServerError ||
		answer.Status == http.StatusConflict || answer.Status == http.StatusTooManyRequests || errors.Is(answer, stream.ErrIncomplete)
}

// storageRefusal is the answer where JetStream can't write. What was under way may be
// stored all the same.
func storageRefusal() *connect.Error {
	return unavailable(reasonStorage, "the disk that persons are stored on is full, or fails: the operator has to make room on it or mend it; send the person again with the same idempotency key")
}

// settingsRefusal is the answer where a setting of the stream is in the way. Nothing
// was stored.
func settingsRefusal(message, setting string) *connect.Error {
	return server.WithReason(connect.NewError(connect.CodeFailedPrecondition, message+"; nothing was stored"), reasonSettings, map[string]string{"setting": setting})
}

// tooLarge is the answer to what the stream or NATS takes no message of. Neither says
// how large it may be.
func tooLarge() *connect.Error {
	return server.WithReason(connect.NewError(connect.CodeInvalidArgument, "person: larger than the stream or NATS takes"), server.ReasonTooLarge, nil)
}

// full is the answer when there is no room. JetStream finds that out before it
// stores.
func full(answer *stream.AnswerError) *connect.Error {
	return withReason(connect.Errorf(connect.CodeResourceExhausted,
		"the stream is full (%s): nothing was stored; the operator has to make room", answer.Description), reasonStreamFull)
}

// madeAnew is the answer to a submission that was acknowledged while its stream was
// made anew.
func madeAnew() *connect.Error {
	return unavailable(reasonNoStream, "the stream was made anew at this moment; it is unknown whether the person is in it: send it again with the same idempotency key")
}

func stoppingRefusal() *connect.Error {
	return unavailable(reasonStopping, "the server is stopping: nothing was stored, send it again")
}

// lateRefusal is the answer to who has given up, or whose deadline was over, before
// anything was sent.
func lateRefusal(ctx context.Context) *connect.Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return connect.NewError(connect.CodeCanceled, "the client gave up: nothing was stored").WithCause(ctx.Err())
	}
	return withRetry(connect.NewError(connect.CodeDeadlineExceeded,
		"the deadline was over before anything was sent: nothing was stored, send it again with more time").WithCause(ctx.Err()), retryDelay)
}

// unencodable is the answer to a person that the schema cannot hold.
func unencodable(err error) *connect.Error {
	if errors.Is(err, person.ErrTooLarge) {
		return server.TooLarge("person:", 0, person.MaxPayload).WithCause(err)
	}
	return connect.Errorf(connect.CodeInvalidArgument, "person: cannot be encoded: %s", err)
}

func unavailable(reason, message string) *connect.Error {
	return withRetry(withReason(connect.NewError(connect.CodeUnavailable, message), reason), retryDelay)
}

func withReason(err *connect.Error, reason string) *connect.Error {
	return server.WithReason(err, reason, nil)
}

func withRetry(err *connect.Error, after time.Duration) *connect.Error {
	return server.WithDetail(err, &errdetails.RetryInfo{RetryDelay: durationpb.New(after)})
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
