package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// makeTimeout bounds the making of a stream, and a change to it.
const makeTimeout = 5 * time.Second

// Require returns nil if the stream exists and takes cfg.Subject. If it does not
// exist the error is [ErrNoStream] and says how to make it, if it takes other
// subjects [ErrSubject].
func Require(ctx context.Context, js jetstream.JetStream, cfg Config) error {
	if err := cfg.checkNames(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := js.Stream(ctx, cfg.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("%w: %q; to make it: nats stream add %s --subjects %s --storage file --discard new --dupe-window %s --defaults",
			ErrNoStream, cfg.Name, cfg.Name, cfg.Subject, DefaultDuplicateWindow)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = ErrUnanswered
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
	ctx, cancel := context.WithTimeout(ctx, makeTimeout)
	defer cancel()
	_, err = js.CreateStream(ctx, cfg.settings())
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return Require(ctx, js, cfg) // another replica was quicker
	}
	if err != nil {
		return cfg.refused("create", err)
	}
	return nil
}

// Apply makes the stream, or changes the one there is to cfg, if it is otherwise. It is
// for a stream that is ours alone, as the embedded server's is.
func Apply(ctx context.Context, js jetstream.JetStream, cfg Config) error {
	return apply(ctx, js, cfg, sameSettings)
}

// Reapply is Apply for when that failed half-way: JetStream may have settings in memory
// that it could not write to the disk.
func Reapply(ctx context.Context, js jetstream.JetStream, cfg Config) error {
	return apply(ctx, js, cfg, func(jetstream.StreamConfig, jetstream.StreamConfig) bool { return false })
}

func apply(ctx context.Context, js jetstream.JetStream, cfg Config, isDone func(is, wanted jetstream.StreamConfig) bool) error {
	if err := cfg.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, makeTimeout)
	defer cancel()
	wanted := cfg.settings()
	s, err := js.Stream(ctx, cfg.Name)
	switch {
	case err == nil:
		if err := cfg.checkStorage(s.CachedInfo()); err != nil {
			return err
		}
		// The epoch may be there.
		wanted.Metadata = s.CachedInfo().Config.Metadata
		if isDone(s.CachedInfo().Config, wanted) {
			return nil
		}
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("look up stream %q: %w", cfg.Name, meaning(err))
	}
	if _, err := js.CreateOrUpdateStream(ctx, wanted); err != nil {
		return cfg.refused("apply settings to", err)
	}
	return nil
}

// sameSettings reports whether JetStream would have nothing to change. It writes -1
// where no limit was asked for.
func sameSettings(is, wanted jetstream.StreamConfig) bool {
	wanted.MaxConsumers = cmp.Or(wanted.MaxConsumers, -1)
	wanted.MaxBytes = cmp.Or(wanted.MaxBytes, -1)
	wanted.MaxMsgsPerSubject = cmp.Or(wanted.MaxMsgsPerSubject, -1)
	wanted.MaxMsgSize = cmp.Or(wanted.MaxMsgSize, -1)
	return reflect.DeepEqual(is, wanted)
}

func takesSubject(info *jetstream.StreamInfo, subject string) error {
	if takes(info.Config.Subjects, subject) {
		return nil
	}
	return fmt.Errorf("%w: stream %q takes %s, not %q",
		ErrSubject, info.Config.Name, strings.Join(info.Config.Subjects, ", "), subject)
}
