// Package stream is rollcall's side of NATS JetStream: the connection, the
// server embedded for a laptop, the stream's configuration, and its epoch.
package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// EpochKey is the stream metadata that names its incarnation after a restore.
const EpochKey = "rollcall-epoch"

// ErrNoStream says that the stream does not exist and was not to be created.
var ErrNoStream = errors.New("no such stream")

// ErrSubject says that the stream does not take the subject.
var ErrSubject = errors.New("the stream does not take the subject")

// Config describes the stream that holds the persons.
type Config struct {
	Name    string
	Subject string
	// Replicas is how many servers store each message, 1 to 5.
	Replicas int
	Storage  jetstream.StorageType
	// MaxBytes is the most the stream holds; -1 is no limit.
	MaxBytes int64
	// MaxAge is how long a message is kept; 0 is for ever.
	MaxAge time.Duration
	// Discard says what a full stream does: refuse the new or forget the old.
	Discard jetstream.DiscardPolicy
	// DuplicateWindow is how long an idempotency key is remembered.
	DuplicateWindow time.Duration
}

// Require returns nil if the stream exists and takes cfg.Subject. If it does not
// exist the error is [ErrNoStream] and says how to make it.
func Require(ctx context.Context, js jetstream.JetStream, cfg Config) error {
	if err := cfg.checkNames(); err != nil {
		return err
	}
	s, err := js.Stream(ctx, cfg.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("%w: %q; start with --create-stream, or make it: nats stream add %s --subjects %s --storage file --discard new --dupe-window 10m --defaults",
			ErrNoStream, cfg.Name, cfg.Name, cfg.Subject)
	}
	if err != nil {
		return fmt.Errorf("look up stream %q: %w", cfg.Name, err)
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
	if err := cmp.Or(cfg.checkNames(), cfg.check()); err != nil {
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
		return fmt.Errorf("look up stream %q: %w", cfg.Name, err)
	}
	if _, err := js.CreateOrUpdateStream(ctx, wanted); err != nil {
		return cfg.refused("apply settings to", err)
	}
	return nil
}

func settings(cfg Config) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               cfg.Name,
		Description:        "rollcall: contact persons, one Cap'n Proto message each",
		Subjects:           []string{cfg.Subject},
		Replicas:           cfg.Replicas,
		Storage:            cfg.Storage,
		MaxBytes:           cfg.MaxBytes,
		MaxAge:             cfg.MaxAge,
		Discard:            cfg.Discard,
		Duplicates:         cfg.DuplicateWindow,
		MaxMsgs:            -1,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	}
}

func takesSubject(info *jetstream.StreamInfo, subject string) error {
	if slices.ContainsFunc(info.Config.Subjects, func(pattern string) bool { return matches(pattern, subject) }) {
		return nil
	}
	return fmt.Errorf("%w: stream %q takes %s, not %q: give its subject as --subject",
		ErrSubject, info.Config.Name, strings.Join(info.Config.Subjects, ", "), subject)
}

// matches reports whether a subject falls under a NATS subject pattern.
func matches(pattern, subject string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i, token := range want {
		switch {
		case token == ">":
			return len(have) > i
		case i >= len(have), token != "*" && token != have[i]:
			return false
		}
	}
	return len(want) == len(have)
}

// Epoch names the stream's incarnation: what its metadata says, else the time it
// was created, in nanoseconds since 1970.
func Epoch(info *jetstream.StreamInfo) string {
	if epoch := info.Config.Metadata[EpochKey]; epoch != "" {
		return epoch
	}
	return strconv.FormatInt(info.Created.UnixNano(), 10)
}
