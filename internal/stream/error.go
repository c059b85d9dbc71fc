package stream

import (
	"context"
	"errors"
	"fmt"

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

	// ErrNoStream says that no stream of the name exists, or none takes the subject,
	// or it has no leader at the moment.
	ErrNoStream = errors.New("no such stream")
	// ErrSubject says that the stream does not take the subject.
	ErrSubject = errors.New("the stream does not take the subject")
	// ErrOtherStream says that another stream takes the subject.
	ErrOtherStream = errors.New("the subject belongs to another stream")
	// ErrFull says that there is no room for another message.
	ErrFull = errors.New("there is no room")
	// ErrTooLarge says that a message is larger than NATS carries or the stream takes.
	ErrTooLarge = errors.New("the message is too large")
	// ErrSealed says that the stream takes nothing more.
	ErrSealed = errors.New("the stream is sealed")
	// ErrNoBatches says that the stream takes no atomic batches.
	ErrNoBatches = errors.New("the stream takes no atomic batches")
	// ErrBusy says that too many atomic batches are under way.
	ErrBusy = errors.New("too many atomic batches are under way")
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

// Answer is an error that JetStream itself gave. It wraps what it means, if that is
// known.
type Answer struct {
	// Code is JetStream's own, as code.go lists them.
	Code int
	// Description is in JetStream's words.
	Description string

	means error
}

func (a *Answer) Error() string {
	return fmt.Sprintf("%s (JetStream's code %d)", a.Description, a.Code)
}

// Unwrap is for errors.Is.
func (a *Answer) Unwrap() error { return a.means }

// explain says what was being done, and what the error means.
func (s *Stream) explain(doing string, err error) error {
	return fmt.Errorf("%s stream %q: %w", doing, s.name, meaning(err))
}

// meaning is an error of nats.go in this package's terms.
func meaning(err error) error {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return &Answer{Code: int(api.ErrorCode), Description: api.Description, means: meaningOf(api)}
	}
	for _, known := range []struct{ is, means error }{
		{jetstream.ErrStreamNotFound, ErrNoStream},
		{jetstream.ErrNoStreamResponse, ErrNoStream},
		{nats.ErrNoResponders, ErrNoStream},
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
	}
	return nil
}
