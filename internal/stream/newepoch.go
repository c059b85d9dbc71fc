package stream

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

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
	cfg.Metadata = maps.Clone(cfg.Metadata)
	if cfg.Metadata == nil {
		cfg.Metadata = map[string]string{}
	}
	cfg.Metadata[EpochKey] = epoch
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		return "", fmt.Errorf("set the epoch of stream %q: %w", name, err)
	}
	return epoch, nil
}
