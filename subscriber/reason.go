package subscriber

import (
	"errors"
	"fmt"
	"strings"

	"rollcall/internal/stream"
)

// reasonOf says why the stream can't be read, in words for those who watch.
func reasonOf(err error, name string) string {
	if wrong, ok := errors.AsType[*stream.SettingsError](err); ok {
		problems := make([]string, len(wrong.Findings))
		for i, finding := range wrong.Findings {
			problems[i] = finding.Setting + ": " + finding.Problem
		}
		return fmt.Sprintf("stream %q can't be watched: %s", name, strings.Join(problems, ", "))
	}
	switch {
	case errors.Is(err, stream.ErrAway):
		return "NATS, which has the stream, is away"
	case errors.Is(err, stream.ErrNoJetStream):
		return "the NATS server has no streams, or not yet"
	case errors.Is(err, stream.ErrNoStream):
		return fmt.Sprintf("there is no stream %q", name)
	case errors.Is(err, stream.ErrNotPermitted):
		return fmt.Sprintf("this server is not permitted to read stream %q", name)
	case errors.Is(err, stream.ErrOtherEpoch):
		return fmt.Sprintf("stream %q was made anew", name)
	case errors.Is(err, errBehind):
		return fmt.Sprintf("stream %q is behind what was read from it", name)
	default:
		return fmt.Sprintf("stream %q does not answer", name)
	}
}

// isLasting reports whether what keeps the stream from being read goes on until
// somebody changes something.
func isLasting(err error) bool {
	return errors.Is(err, stream.ErrSettings) || errors.Is(err, stream.ErrNoStream) || errors.Is(err, stream.ErrNotPermitted)
}
