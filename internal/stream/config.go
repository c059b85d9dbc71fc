package stream

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

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

// DefaultDuplicateWindow is a good one for people and files.
const DefaultDuplicateWindow = 10 * time.Minute

// ConfigError says which field of a [Config] can't be as it is.
type ConfigError struct {
	// Field is the name of the Config's field.
	Field string
	// Value is what it has, as people write it.
	Value string
	// Problem says why that can't be, and what could.
	Problem string
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("stream's %s %s: %s", e.Field, e.Value, e.Problem)
}

// tooFewServersError is a ConfigError that more servers mend.
type tooFewServersError struct{ *ConfigError }

// Unwrap is for errors.Is and errors.As.
func (e *tooFewServersError) Unwrap() []error { return []error{e.ConfigError, ErrTooFewServers} }

// shortest is the shortest duration that JetStream takes.
const shortest = 100 * time.Millisecond

// check refuses what JetStream would, in words of its own.
func (c Config) check() error { return cmp.Or(c.checkNames(), c.checkTimes()) }

// checkNames refuses names that no stream and no message can have.
func (c Config) checkNames() error {
	switch {
	case strings.ContainsAny(c.Name, " \t\r\n.*>/\\") || c.Name == "":
		return &ConfigError{"Name", strconv.Quote(c.Name), "a stream's name has no dots, wildcards, slashes or spaces"}
	case !publishable(c.Subject):
		return &ConfigError{"Subject", strconv.Quote(c.Subject), "must be one subject to publish on, such as contact-person or persons.new, without wildcards and spaces"}
	}
	return nil
}

func (c Config) checkTimes() error {
	switch {
	case c.MaxAge != 0 && c.MaxAge < shortest:
		return &ConfigError{"MaxAge", c.MaxAge.String(), fmt.Sprintf("must be 0 for ever, or at least %s", shortest)}
	case c.DuplicateWindow < shortest:
		return &ConfigError{"DuplicateWindow", c.DuplicateWindow.String(), fmt.Sprintf("must be at least %s", shortest)}
	case c.MaxAge > 0 && c.DuplicateWindow > c.MaxAge:
		return &ConfigError{"DuplicateWindow", c.DuplicateWindow.String(), fmt.Sprintf("is longer than messages are kept, %s: a key cannot be remembered for longer than its person is kept", c.MaxAge)}
	}
	return nil
}

// checkStorage refuses what JetStream can't change about the stream there is.
func (c Config) checkStorage(info *jetstream.StreamInfo) error {
	if is := info.Config.Storage; is != c.Storage {
		return &ConfigError{"Storage", kind(c.Storage), fmt.Sprintf("stream %q is stored in %s, and that cannot be changed: ask for %s, or for a stream of another name", c.Name, kind(is), kind(is))}
	}
	return nil
}

// refused puts an answer of JetStream to a stream's settings in terms of the Config,
// where it is about one of its fields.
func (c Config) refused(doing string, err error) error {
	answer, ok := errors.AsType[*jetstream.APIError](err)
	if !ok {
		return fmt.Errorf("%s stream %q: %w", doing, c.Name, meaning(err))
	}
	switch answer.ErrorCode {
	case codeNoCluster:
		return &ConfigError{"Replicas", strconv.Itoa(c.Replicas), "the NATS server is one and no cluster: ask for 1, or use a cluster"}
	case codeNoPeers:
		return &tooFewServersError{&ConfigError{"Replicas", strconv.Itoa(c.Replicas), fmt.Sprintf("the NATS cluster has not so many servers with room for the stream: ask for fewer, or for a smaller stream (%s)", answer.Description)}}
	case codeNoStorage, codeNoMemory, codeNoResources, codeAccountLimits, codeAccountMaxBytes:
		return c.tooLarge(answer)
	default:
		return fmt.Errorf("%s stream %q: %w", doing, c.Name, meaning(err))
	}
}

func (c Config) tooLarge(answer *jetstream.APIError) error {
	if c.MaxBytes < 0 {
		return &ConfigError{"MaxBytes", "unlimited", fmt.Sprintf("the NATS server has no room for that: give a limit (%s)", answer.Description)}
	}
	return &ConfigError{"MaxBytes", strconv.FormatInt(c.MaxBytes, 10), fmt.Sprintf("more than the NATS server may hold in %s storage: ask for less (%s)", kind(c.Storage), answer.Description)}
}

func kind(storage jetstream.StorageType) string {
	if storage == jetstream.MemoryStorage {
		return "memory"
	}
	return "file"
}

// settings are what JetStream is asked for.
func (c Config) settings() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               c.Name,
		Description:        "rollcall: contact persons, one Cap'n Proto message each",
		Subjects:           []string{c.Subject},
		Replicas:           c.Replicas,
		Storage:            c.Storage,
		MaxBytes:           c.MaxBytes,
		MaxAge:             c.MaxAge,
		Discard:            c.Discard,
		Duplicates:         c.DuplicateWindow,
		MaxMsgs:            -1,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	}
}
