package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Require returns nil if the stream exists and takes cfg.Subject. If it does not
// exist the error is [ErrNoStream] and says how to make it, if it takes other
// subjects [ErrSubject].
func Require(ctx context.Context, js jetstream.JetStream, cfg Config) error {
	if err := cfg.checkNames(); err != nil {
		return err
	}
	s, err := js.Stream(ctx, cfg.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("%w: %q; to make it: nats stream add %s --subjects %s --storage file --discard new --dupe-window %s --defaults",
			ErrNoStream, cfg.Name, cfg.Name, cfg.Subject, DefaultDuplicateWindow)
	}
	if err != nil {
		return fmt.Errorf("look up stream %q: %w", cfg.Name, meaning(err))
	}
	return takesSubject(s.CachedInfo(), cfg.Subject)
}

// CreateIfAbsent makes the stream when there is none. One that exists is left as
// it is: whoever made it owns its settings.
func CreateIfAbsent(ctx context.Context, js jetstream.JetStream, cfg Config) error {
	err := Require(ctx, js, cfg)
	if !errors.Is(err, ErrNoStream) {
		return err
	}
	if err := cfg.check(); err != nil {
		return err
	}
	_, err = js.CreateStream(ctx, settings(cfg))
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return Require(ctx, js, cfg) // another replica was quicker
	}
	if err != nil {
		return cfg.refused("create", err)
	}
	return nil
}

// Apply makes the stream, or changes the one there is to cfg. It is for a stream
// that is ours alone, as the embedded server's is.
func Apply(ctx context.Context, js jetstream.JetStream, cfg Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	wanted := settings(cfg)
	s, err := js.Stream(ctx, cfg.Name)
	switch {
	case err == nil:
		if err := cfg.checkStorage(s.CachedInfo()); err != nil {
			return err
		}
		// The epoch may be there.
		wanted.Metadata = s.CachedInfo().Config.Metadata
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("look up stream %q: %w", cfg.Name, meaning(err))
	}
	if _, err := js.CreateOrUpdateStream(ctx, wanted); err != nil {
		return cfg.refused("apply settings to", err)
	}
	return nil
}

func takesSubject(info *jetstream.StreamInfo, subject string) error {
	if slices.ContainsFunc(info.Config.Subjects, func(pattern string) bool { return matches(pattern, subject) }) {
		return nil
	}
	return fmt.Errorf("%w: stream %q takes %s, not %q",
		ErrSubject, info.Config.Name, strings.Join(info.Config.Subjects, ", "), subject)
}
