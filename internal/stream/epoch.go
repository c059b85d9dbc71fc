package stream

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// EpochKey is the stream metadata that names its incarnation after a restore.
const EpochKey = "rollcall-epoch"

// Epoch names the stream's incarnation: what its metadata says, else the time it
// was created, in nanoseconds since 1970.
func Epoch(info *jetstream.StreamInfo) string {
	if epoch := info.Config.Metadata[EpochKey]; epoch != "" {
		return epoch
	}
	return strconv.FormatInt(info.Created.UnixNano(), 10)
}

// epoch is the incarnation that the leader last confirmed.
type epoch struct{ confirmed atomic.Pointer[State] }

// confirm takes over an answer of the leader, unless a newer one is known.
func (e *epoch) confirm(state *State) {
	for {
		known := e.confirmed.Load()
		if known != nil && known.AskedAt.After(state.AskedAt) || e.confirmed.CompareAndSwap(known, state) {
			return
		}
	}
}

// isBefore reports whether an acknowledgement that came after this state is of its
// epoch, since its sequence lies further than a stream made anew meanwhile can have
// come: none stores a message a microsecond.
func (s *State) isBefore(ack Ack) bool {
	return ack.Sequence > uint64(ack.landed.Sub(s.AskedAt).Microseconds()) //nolint:gosec // it is not negative
}

// EpochOf returns the epoch of an acknowledgement. It is not sure if the stream was
// made anew since the message was sent: then it is the new one's, and whether the
// message is in it has to be looked at.
func (s *Stream) EpochOf(ctx context.Context, ack Ack) (epoch string, sure bool, err error) {
	switch {
	case ack.Epoch != "":
		return ack.Epoch, true, nil
	case ack.before != nil && ack.before.isBefore(ack):
		return ack.before.Epoch, true, nil
	}
	after := s.epoch.confirmed.Load()
	if after == nil || after.AskedAt.Before(ack.landed) {
		if after, err = s.State(ctx); err != nil {
			return "", false, err
		}
	}
	// Two answers of one epoch, before the message was sent and after it was stored,
	// have it between them: no epoch comes twice.
	return after.Epoch, ack.before != nil && ack.before.Epoch == after.Epoch, nil
}

// SetNewEpoch gives the stream an epoch that it never had, and returns it. All
// else about the stream stays.
func SetNewEpoch(ctx context.Context, js jetstream.JetStream, name string) (string, error) {
	s, err := js.Stream(ctx, name)
	if err != nil {
		return "", fmt.Errorf("look up stream %q: %w", name, err)
	}
	// Times of creation are epochs too, and this is later than any.
	epoch := strconv.FormatInt(time.Now().UnixNano(), 10)
	cfg := s.CachedInfo().Config
	if cfg.Metadata == nil {
		cfg.Metadata = map[string]string{}
	}
	cfg.Metadata[EpochKey] = epoch
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		return "", fmt.Errorf("set the epoch of stream %q: %w", name, err)
	}
	return epoch, nil
}
