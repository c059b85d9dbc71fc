package stream

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// shortest is the shortest duration that JetStream takes.
const shortest = 100 * time.Millisecond

// checkNames refuses names that no stream and no message can have.
func (c Config) checkNames() error {
	switch {
	case strings.ContainsAny(c.Name, " \t\r\n.*>/\\") || c.Name == "":
		return fmt.Errorf("--stream %q: a stream's name has no dots, wildcards, slashes or spaces", c.Name)
	case !publishable(c.Subject):
		return fmt.Errorf("--subject %q: must be one subject to publish on, such as contact-person or persons.new, without wildcards and spaces", c.Subject)
	}
	return nil
}

// check refuses what JetStream would, in the words of our flags.
func (c Config) check() error {
	switch {
	case c.MaxAge != 0 && c.MaxAge < shortest:
		return fmt.Errorf("--max-age %s: must be 0 for ever, or at least %s", c.MaxAge, shortest)
	case c.DuplicateWindow < shortest:
		return fmt.Errorf("--duplicate-window %s: must be at least %s", c.DuplicateWindow, shortest)
	case c.MaxAge > 0 && c.DuplicateWindow > c.MaxAge:
		return fmt.Errorf("--duplicate-window %s is longer than --max-age %s: a key cannot be remembered for longer than its person is kept", c.DuplicateWindow, c.MaxAge)
	}
	return nil
}

// publishable reports whether a text is a subject that a message can have.
func publishable(subject string) bool {
	if strings.ContainsAny(subject, " \t\r\n*>") || strings.HasPrefix(subject, "$") {
		return false
	}
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" {
			return false
		}
	}
	return true
}

// checkStorage refuses what JetStream can't change about the stream there is.
func (c Config) checkStorage(info *jetstream.StreamInfo) error {
	if is := info.Config.Storage; is != c.Storage {
		return fmt.Errorf("--storage %s: stream %q is stored in %s, and that cannot be changed: give --storage %s, or another --stream",
			kind(c.Storage), c.Name, kind(is), kind(is))
	}
	return nil
}

func kind(storage jetstream.StorageType) string {
	if storage == jetstream.MemoryStorage {
		return "memory"
	}
	return "file"
}

// What JetStream answers when it can't do what it was asked; nats.go has no names
// for these.
const (
	accountLimits      jetstream.ErrorCode = 10002
	noPeers            jetstream.ErrorCode = 10005
	tooLittleResources jetstream.ErrorCode = 10023
	tooLittleMemory    jetstream.ErrorCode = 10028
	tooLittleStorage   jetstream.ErrorCode = 10047
	noCluster          jetstream.ErrorCode = 10074
	accountMaxBytes    jetstream.ErrorCode = 10122
)

// refused puts an answer of JetStream to a stream's settings in the words of our
// flags, where it is about one of them.
func (c Config) refused(doing string, err error) error {
	answer, ok := errors.AsType[*jetstream.APIError](err)
	if !ok {
		return fmt.Errorf("%s stream %q: %w", doing, c.Name, err)
	}
	switch answer.ErrorCode {
	case noCluster:
		return fmt.Errorf("--replicas %d: the NATS server is one and no cluster: give --replicas 1 or, with --nats, a cluster's address", c.Replicas)
	case noPeers:
		return fmt.Errorf("--replicas %d: the NATS cluster has not so many servers with room for the stream: give fewer, or a smaller --max-bytes (%s)", c.Replicas, answer.Description)
	case tooLittleStorage, tooLittleMemory, tooLittleResources, accountLimits, accountMaxBytes:
		return c.tooLarge(answer)
	default:
		return fmt.Errorf("%s stream %q: %w", doing, c.Name, err)
	}
}

func (c Config) tooLarge(answer *jetstream.APIError) error {
	if c.MaxBytes < 0 {
		return fmt.Errorf("the NATS server has no room for stream %q with --max-bytes unlimited: give a limit (%s)", c.Name, answer.Description)
	}
	return fmt.Errorf("--max-bytes %d: more than the NATS server may hold in %s storage: give less (%s)", c.MaxBytes, kind(c.Storage), answer.Description)
}
