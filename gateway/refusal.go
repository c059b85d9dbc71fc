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
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"rollcall/internal/person"
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

// JetStream's error codes that nats.go does not name, as nats-server's errors.json
// lists them.
const (
	codeStoreFailed     jetstream.ErrorCode = 10077
	codeMessageTooLarge jetstream.ErrorCode = 10054
	codeSealed          jetstream.ErrorCode = 10109
	codeWrongStream     jetstream.ErrorCode = 10060
	codeOutOfResources  jetstream.ErrorCode = 10023
	codeOutOfMemory     jetstream.ErrorCode = 10028
	codeOutOfStorage    jetstream.ErrorCode = 10047
	codeWrongLastMsgID  jetstream.ErrorCode = 10070
	codeBatchDisabled   jetstream.ErrorCode = 10174
	codeBatchDuplicate  jetstream.ErrorCode = 10201
	codeBatchTooMany    jetstream.ErrorCode = 10210
)

// refusal turns what went wrong with JetStream into the answer. Only what is sure
// not to be stored is answered with anything but UNAVAILABLE or
// DEADLINE_EXCEEDED.
func (g *Gateway) refusal(ctx context.Context, err error) *connect.Error {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, "the client gave up; it is unknown whether the person was stored").WithCause(err)
	case !g.nc.IsConnected(), errors.Is(err, errUnacknowledged):
		return unavailable(reasonNATSAway, "NATS is away; it is unknown whether the person was stored: send it again with the same idempotency key").WithCause(err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout), ctx.Err() != nil:
		return withRetry(connect.NewError(connect.CodeDeadlineExceeded,
			"no acknowledgement in time; it is unknown whether the person was stored: send it again with the same idempotency key").WithCause(err), retryDelay)
	case errors.Is(err, jetstream.ErrNoStreamResponse), errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrStreamNotFound):
		return unavailable(reasonNoStream, "no stream takes the person now (it does not exist, or has no leader): nothing was stored, send it again").WithCause(err)
	case errors.Is(err, nats.ErrMaxPayload):
		return connect.NewError(connect.CodeInvalidArgument, "person: larger than NATS carries").WithCause(err)
	case errors.As(err, &api):
		return apiRefusal(api)
	}
	return unavailable(reasonNATSAway, "NATS is away: send it again with the same idempotency key").WithCause(err)
}

// apiRefusal is the answer to what JetStream itself said.
func apiRefusal(err *jetstream.APIError) *connect.Error {
	switch err.ErrorCode {
	case codeStoreFailed:
		return storeRefusal(err)
	case codeOutOfResources, codeOutOfMemory, codeOutOfStorage:
		return full("the NATS server is out of storage", err)
	case codeMessageTooLarge:
		return connect.NewError(connect.CodeInvalidArgument, "person: larger than the stream takes").WithCause(err)
	case codeSealed:
		return connect.NewError(connect.CodeFailedPrecondition, "the stream is sealed and takes nothing more").WithCause(err)
	case codeWrongStream:
		return connect.NewError(connect.CodeFailedPrecondition, "the subject belongs to another stream: see --stream and --subject").WithCause(err)
	case codeBatchDisabled:
		return connect.NewError(connect.CodeFailedPrecondition,
			"all_or_nothing: the stream takes no atomic batches: the operator has to allow them (nats stream edit --allow-batch)").WithCause(err)
	case codeBatchTooMany:
		return overloaded().WithCause(err)
	}
	return unavailable(reasonNATSAway, "JetStream cannot store the person now: "+err.Description).WithCause(err)
}

// storeRefusal tells a full stream from a store that fails: JetStream has one
// code for both.
func storeRefusal(err *jetstream.APIError) *connect.Error {
	switch err.Description {
	case "maximum messages exceeded", "maximum bytes exceeded", "maximum messages per subject exceeded":
		return full("the stream is full", err)
	}
	return unavailable(reasonNATSAway, "JetStream could not store the person: "+err.Description).WithCause(err)
}

// full is the answer when there is no room. JetStream finds that out before it
// stores.
func full(what string, err *jetstream.APIError) *connect.Error {
	return withReason(connect.Errorf(connect.CodeResourceExhausted,
		"%s (%s): nothing was stored; the operator has to make room", what, err.Description).WithCause(err), reasonStreamFull)
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
