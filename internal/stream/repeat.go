package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A cluster that elects a leader answers nothing, and what it is asked meanwhile is
// never answered. So a question is given little time and asked again, with more time
// each time, since an answer may also come from far away.
const (
	firstTry = 250 * time.Millisecond
	// betweenTries is for a cluster that says at once that it has no leader.
	betweenTries = 50 * time.Millisecond
)

// errElecting says that an answer came from a replica of a stream without a leader: it
// may be behind.
var errElecting = errors.New("the stream has no leader at the moment")

// repeat asks a question until it is answered, for askTimeout at most. The question must
// do no harm when asked twice; about is what it is called in JetStream's API.
func (s *Stream) repeat(ctx context.Context, about string, question func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	complaint := s.nc.LastError()
	for try := firstTry; ; try *= 2 {
		asked, cancel := context.WithTimeout(ctx, try)
		err := question(asked)
		cancel()
		switch {
		case !isUnanswered(err):
			return err
		case s.isDenied(about, complaint):
			return fmt.Errorf("%w: %w", ErrNotPermitted, s.nc.LastError())
		case pause(ctx, betweenTries):
		case errors.Is(err, context.DeadlineExceeded):
			return ErrUnanswered
		default:
			return fmt.Errorf("%w: %w", ErrUnanswered, err)
		}
	}
}

func isUnanswered(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) ||
		errors.Is(err, errElecting) || isCode(err, codeUnavailable)
}

// isDenied reports whether the NATS server has refused the question since it said
// something else: it does so beside the question, which gets no answer.
func (s *Stream) isDenied(about string, before error) bool {
	now := s.nc.LastError()
	return now != before && errors.Is(now, nats.ErrPermissionViolation) && strings.Contains(now.Error(), `"`+s.api(about)) //nolint:errorlint // it is compared with itself
}

// leads is errElecting for an answer that no leader gave.
func leads(info *jetstream.StreamInfo) error {
	if info.Cluster != nil && info.Cluster.Leader == "" {
		return errElecting
	}
	return nil
}

// pause waits; false if ctx ended before.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
