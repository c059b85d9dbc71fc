package stream

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What an error of this package may wrap. Beside these there are context.Canceled
// and context.DeadlineExceeded.
var (
	// ErrAway says that NATS is not reached: what was to be sent was not.
	ErrAway = errors.New("NATS is away")
	// ErrUnacknowledged says that the connection broke before the answer came: what was
	// sent may be stored or not.
	ErrUnacknowledged = errors.New("the connection to NATS broke before the acknowledgement")
	// ErrExpired says the same of an answer that did not come in time.
	ErrExpired = fmt.Errorf("no acknowledgement in time: %w", context.DeadlineExceeded)

	// ErrUnanswered says that JetStream gave no answer in time, as a cluster does that
	// elects a leader.
	ErrUnanswered = fmt.Errorf("JetStream does not answer: %w", context.DeadlineExceeded)
	// ErrNotPermitted says that the NATS server refuses to pass on the question.
	ErrNotPermitted = errors.New("not permitted")

	// ErrNoStream says that no stream of the name exists, or none takes the subject,
	// or it has no leader at the moment.
	ErrNoStream = errors.New("no such stream")
	// ErrNoJetStream says that nobody answers for JetStream: no NATS server that is
	// reached has it, or it is not up yet.
	ErrNoJetStream = errors.New("no NATS server that is reached has JetStream, or it is not up yet")
	// ErrUnavailable says that JetStream can do nothing at the moment, as while a cluster
	// elects.
	ErrUnavailable = errors.New("JetStream is not available at the moment")
	// ErrTooFewServers says that the cluster has not as many servers with room as a
	// stream wants replicas.
	ErrTooFewServers = errors.New("too few NATS servers")
	// ErrSubject says that the stream does not take the subject.
	ErrSubject = errors.New("the stream does not take the subject")
	// ErrOtherStream says that another stream takes the subject.
	ErrOtherStream = errors.New("the subject belongs to another stream")
	// ErrFull says that there is no room for another message.
	ErrFull = errors.New("there is no room")
	// ErrStorage says that the store can't be written: the disk is full, or fails. A
	// message that was under way may be stored or not.
	ErrStorage = errors.New("the NATS server can't write to its disk")
	// ErrSettings says that the stream's settings do not let its promises be kept.
	ErrSettings = errors.New("the stream's settings break promises")
	// ErrTooLarge says that a message is larger than NATS carries or the stream takes.
	ErrTooLarge = errors.New("the message is too large")
	// ErrSealed says that the stream takes nothing more.
	ErrSealed = errors.New("the stream is sealed")
	// ErrCounts says that the stream counts and takes nothing else.
	ErrCounts = errors.New("the stream counts")
	// ErrNoBatches says that the stream takes no atomic batches.
	ErrNoBatches = errors.New("the stream takes no atomic batches")
	// ErrBusy says that too many atomic batches are under way.
	ErrBusy = errors.New("too many atomic batches are under way")
	// ErrIncomplete says that JetStream gave up an atomic batch, and stored nothing of it.
	ErrIncomplete = errors.New("the atomic batch was given up")
	// ErrKeyInProcess says that another message with the same key is under way.
	ErrKeyInProcess = errors.New("a message with this key is under way")
	// ErrKnownKey says that a key of an atomic batch has stored a message before.
	ErrKnownKey = errors.New("a key is known already")

	// ErrNotStored says that the stream has no such message.
	ErrNotStored = errors.New("not stored")
	// ErrOtherEpoch says that the stream is another incarnation than was meant.
	ErrOtherEpoch = errors.New("the stream was made anew")
	// ErrLost says that a message was lost between JetStream and here; reading again
	// from the last one mends it.
	ErrLost = errors.New("a message was lost on the way from JetStream")
)

// AnswerError is an error that JetStream itself gave. It wraps what it means, if that is
// known.
type AnswerError struct {
	// Code is JetStream's own, as code.go lists them.
	Code int
	// Status is the kind of error, as HTTP numbers them.
	Status int
	// Description is in JetStream's words.
	Description string

	means error
}

func (a *AnswerError) Error() string {
	return fmt.Sprintf("%s (JetStream's code %d)", a.Description, a.Code)
}

// Unwrap is for errors.Is.
func (a *AnswerError) Unwrap() error { return a.means }

// explain says what was being done, and what the error means.
func (s *Stream) explain(doing string, err error) error {
	return fmt.Errorf("%s stream %q: %w", doing, s.name, meaning(err))
}

// meaning is an error of nats.go in this package's terms.
func meaning(err error) error {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return &AnswerError{Code: int(api.ErrorCode), Status: api.Code, Description: api.Description, means: meaningOf(api)}
	}
	for _, known := range []struct{ is, means error }{
		{jetstream.ErrStreamNotFound, ErrNoStream},
		{jetstream.ErrNoStreamResponse, ErrNoStream},
		{nats.ErrNoResponders, ErrNoJetStream},
		{nats.ErrMaxPayload, ErrTooLarge},
		{nats.ErrTimeout, ErrExpired},
		{nats.ErrConnectionClosed, ErrAway},
		{nats.ErrDisconnected, ErrAway},
		{nats.ErrReconnectBufExceeded, ErrAway},
	} {
		if errors.Is(err, known.is) {
			return fmt.Errorf("%w: %w", known.means, err)
		}
	}
	return err
}

func meaningOf(api *jetstream.APIError) error {
	if api.ErrorCode != codeStoreFailed {
		return meanings[api.ErrorCode]
	}
	// JetStream has one code for a stream that is full and for a store that fails.
	switch api.Description {
	case "maximum messages exceeded", "maximum bytes exceeded", "maximum messages per subject exceeded":
		return ErrFull
	case "message too large":
		return ErrTooLarge
	case "store is closed": // it is stopping
		return nil
	}
	return ErrStorage
}

// Passing reports whether what failed may succeed later, with nothing changed about what
// is asked for.
func Passing(err error) bool {
	for _, passing := range []error{ErrAway, ErrUnacknowledged, context.DeadlineExceeded, ErrNoJetStream, ErrTooFewServers, ErrStorage} {
		if errors.Is(err, passing) {
			return true
		}
	}
	answer, ok := errors.AsType[*AnswerError](err)
	return ok && answer.Status == http.StatusServiceUnavailable
}
