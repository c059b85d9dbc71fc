package stream

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Use is what a stream is used for, which its settings have to allow.
type Use struct {
	// Subject is published on; empty for who only reads.
	Subject string
	// Usual and Largest are the sizes of messages that have to fit: of those that are
	// made here, and of those that others hand over.
	Usual, Largest int
	// Readers is how many read at a time; 0 for who only publishes.
	Readers int
}

// Finding is a setting of the stream that breaks a promise, or weakens one.
type Finding struct {
	// Setting is what JetStream calls it, such as no_ack.
	Setting string
	// Breaks is set if a promise can't be kept with it, Forbids if the use would do harm
	// as well, or all that came of it would be wrong.
	Breaks, Forbids bool
	// Problem says what comes of it, WayOut what the operator does.
	Problem, WayOut string
}

func (f Finding) String() string { return f.Setting + ": " + f.Problem + "; " + f.WayOut }

const (
	// headerSize is what the headers of a message take at most, beside the stream's
	// name: its key and its place in a batch.
	headerSize = 512
	// leastMemory is how long keys have to be remembered for retries to be safe, and
	// messages to be kept for clients to come back to them.
	leastMemory = time.Minute
)

// setting is one thing to look at. The same setting may break one promise and weaken
// another.
type setting struct {
	name   string
	of     side
	effect effect
	// problem is empty if the setting is as it has to be.
	problem func(s *State, use Use) string
	// wayOut may name the stream, by %s.
	wayOut string
}

// side is whose promises a setting is about.
type side string

const (
	publishing side = "publishing"
	reading    side = "reading"
)

type effect string

const (
	forbids effect = "forbids"
	breaks  effect = "breaks"
	weakens effect = "weakens"
)

// settings is all that is looked at. Limits past which the stream refuses or forgets
// are the operator's choice, as long as they leave room for more than one person.
var settings = []setting{ //nolint:gochecknoglobals // a table that is only read
	{"mirror", publishing, breaks, func(s *State, _ Use) string {
		return when(s.config.Mirror != nil, "it is a copy of another stream and takes nothing else")
	}, "submit to the stream that %s copies"},
	{"subjects", publishing, breaks, func(s *State, use Use) string {
		return when(s.config.Mirror == nil && !takes(s.config.Subjects, use.Subject), "it takes %s, not %q", strings.Join(s.config.Subjects, ", "), use.Subject)
	}, edit("subjects=SUBJECT,…") + "; or publish on a subject that it takes"},
	{"sealed", publishing, breaks, func(s *State, _ Use) string {
		return when(s.config.Sealed, "it takes nothing more")
	}, unchangeable("that is not sealed")},
	{"no_ack", publishing, breaks, func(s *State, _ Use) string {
		return when(s.config.NoAck, "JetStream acknowledges nothing, so nobody can be told that a person is stored")
	}, edit("ack")},
	{"allow_msg_counter", publishing, breaks, func(s *State, _ Use) string {
		return when(s.config.AllowMsgCounter, "it counts, and takes nothing else")
	}, unchangeable("that does not count")},
	{"retention", publishing, breaks, interest, edit("retention=limits")},
	{"retention", publishing, breaks, workQueue, unchangeable("with the retention limits")},
	{"max_msg_size", publishing, breaks, func(s *State, use Use) string {
		return when(s.isTooSmallFor(use.Usual), "%d; a person takes up to %d bytes with its headers", s.config.MaxMsgSize, s.withHeaders(use.Usual))
	}, edit("max-msg-size=-1")},
	{"max_msg_size", publishing, weakens, func(s *State, use Use) string {
		return when(!s.isTooSmallFor(use.Usual) && s.isTooSmallFor(use.Largest), "%d; a person that is handed over as Cap'n Proto may take %d bytes with its headers", s.config.MaxMsgSize, s.withHeaders(use.Largest))
	}, edit("max-msg-size=-1")},
	{"max_payload", publishing, breaks, func(s *State, use Use) string {
		return when(s.carries > 0 && s.carries < int64(s.withHeaders(use.Usual)), "%d, which is the NATS server's; a person takes up to %d bytes with its headers", s.carries, s.withHeaders(use.Usual))
	}, "raise max_payload in the configuration of the NATS servers of %s"},
	{"discard_new_per_subject", publishing, breaks, func(s *State, _ Use) string {
		return when(s.config.DiscardNewPerSubject && s.config.MaxMsgsPerSubject == 1, "with max_msgs_per_subject 1 it takes one person and no other")
	}, edit("no-discard-per-subject", "max-msgs-per-subject=-1")},
	{"max_msgs_per_subject", publishing, breaks, func(s *State, _ Use) string {
		return when(!s.config.DiscardNewPerSubject && s.config.MaxMsgsPerSubject == 1, "1, so each person takes the place of the one before")
	}, edit("max-msgs-per-subject=-1")},
	{"max_msgs_per_subject", publishing, weakens, func(s *State, _ Use) string {
		return when(!s.config.DiscardNewPerSubject && s.config.MaxMsgsPerSubject > 1 && s.config.Discard == jetstream.DiscardNew,
			"it forgets all persons but the last %d, though it is set to refuse what is too much", s.config.MaxMsgsPerSubject)
	}, edit("max-msgs-per-subject=-1")},
	{"max_msgs", publishing, breaks, func(s *State, _ Use) string {
		return when(s.config.MaxMsgs == 1, "it holds one person and no other")
	}, edit("max-msgs=-1")},
	{"duplicate_window", publishing, weakens, func(s *State, _ Use) string {
		return when(s.config.Mirror == nil && s.config.Duplicates < leastMemory, "keys are remembered for %s; a person that is sent again later than that is stored twice", s.config.Duplicates)
	}, edit("dupe-window=10m")},
	{"storage", publishing, weakens, func(s *State, _ Use) string {
		return when(s.config.Storage == jetstream.MemoryStorage, "memory, so persons do not outlive the NATS servers that have them")
	}, unchangeable("with the storage file")},
	{"persist_mode", publishing, weakens, func(s *State, _ Use) string {
		return when(s.config.PersistMode == jetstream.AsyncPersistMode, "async, so persons are acknowledged before they are written, and lost if that fails")
	}, unchangeable("with the default persist_mode")},
	{"allow_atomic", publishing, weakens, func(s *State, _ Use) string {
		return when(s.config.Mirror == nil && !s.config.AllowAtomicPublish, "it takes no atomic batches, so what is submitted with all_or_nothing is refused")
	}, edit("allow-batch")},
	{"deny_delete", publishing, weakens, func(s *State, _ Use) string {
		return when(s.config.DenyDelete && !s.config.Sealed, "no person can be deleted")
	}, unchangeable("that does not deny it")},
	{"deny_purge", publishing, weakens, func(s *State, _ Use) string {
		return when(s.config.DenyPurge && !s.config.Sealed, "no room can be made by purging old persons")
	}, unchangeable("that does not deny it")},

	{"retention", reading, forbids, interest, edit("retention=limits")},
	{"retention", reading, forbids, workQueue, unchangeable("with the retention limits")},
	{"sources", reading, forbids, func(s *State, _ Use) string {
		return when(len(s.config.Sources) > 0, "it is filled from %s and numbers what it has by itself, so positions in these mean other persons in it", strings.Join(s.sources(), ", "))
	}, "in place of %s watch the stream that is submitted to, or a mirror of it"},
	{"mirror", reading, forbids, func(s *State, _ Use) string {
		return when(s.IsMirror() && s.config.Metadata[EpochKey] == "", "it mirrors a stream and does not say which epoch of it")
	}, edit("metadata="+EpochKey+"=EPOCH") + ", with the epoch that submissions to what it mirrors are answered with"},
	{"max_consumers", reading, breaks, func(s *State, use Use) string {
		return when(s.config.MaxConsumers > 0 && s.config.MaxConsumers < use.Readers, "%d; each subscriber needs up to %d at a time to let watches catch up", s.config.MaxConsumers, use.Readers)
	}, edit("max-consumers=-1")},
	{"max_consumers", reading, weakens, func(s *State, use Use) string {
		return when(s.config.MaxConsumers >= use.Readers, "%d for all subscribers together; each needs up to %d at a time", s.config.MaxConsumers, use.Readers)
	}, edit("max-consumers=-1")},
	{"consumer_limits", reading, breaks, func(s *State, _ Use) string {
		most := s.config.ConsumerLimits.InactiveThreshold
		return when(most > 0 && most < forgetAfter, "inactive_threshold %s; a subscriber's readers need %s", most, forgetAfter)
	}, edit("config=FILE") + " with a longer one"},
	{"max_age", reading, weakens, func(s *State, _ Use) string {
		return when(s.config.MaxAge > 0 && s.config.MaxAge < leastMemory, "%s; a watch that was away for longer has a gap", s.config.MaxAge)
	}, edit("max-age=0")},
	{"subject_delete_marker_ttl", reading, weakens, func(s *State, _ Use) string {
		return when(s.config.SubjectDeleteMarkerTTL > 0, "JetStream puts markers among the persons, and watches show them as rejected")
	}, edit("subject-del-markers-ttl=0")},
}

func interest(s *State, _ Use) string {
	return when(s.config.Retention == jetstream.InterestPolicy, "interest, so JetStream forgets what it has acknowledged as soon as nobody waits for it")
}

func workQueue(s *State, _ Use) string {
	return when(s.config.Retention == jetstream.WorkQueuePolicy, "workqueue, so JetStream gives each person to one reader and forgets it, and none can be watched")
}

// when returns the problem if there is one.
func when(wrong bool, problem string, about ...any) string {
	if !wrong {
		return ""
	}
	return fmt.Sprintf(problem, about...)
}

// edit is how to mend it by the flags of NATS's own command.
func edit(flags ...string) string {
	return "to mend it: nats stream edit %s --" + strings.Join(flags, " --")
}

func unchangeable(another string) string {
	return "stream %s can't be changed in that: make another " + another + ", and use its name"
}

// takes reports whether a stream of these subjects takes what is published on one.
func takes(subjects []string, subject string) bool {
	return slices.ContainsFunc(subjects, func(pattern string) bool { return matches(pattern, subject) })
}

// isTooSmallFor reports whether the stream refuses a message with such a payload.
func (s *State) isTooSmallFor(payload int) bool {
	return s.config.MaxMsgSize > 0 && int(s.config.MaxMsgSize) < s.withHeaders(payload)
}

func (s *State) withHeaders(payload int) int { return payload + headerSize + len(s.Name) }

// IsMirror reports whether the stream is a copy of another, with the same sequences. It
// may be behind that, and positions past its last may be right.
func (s *State) IsMirror() bool { return s.config.Mirror != nil }

func (s *State) sources() []string {
	names := make([]string, len(s.config.Sources))
	for i, source := range s.config.Sources {
		names[i] = source.Name
	}
	return names
}

// find looks at all settings that a use depends on.
func (s *State) find(use Use) []Finding {
	side := publishing
	if use.Readers > 0 {
		side = reading
	}
	var found []Finding
	for _, setting := range settings {
		if setting.of != side {
			continue
		}
		if problem := setting.problem(s, use); problem != "" {
			found = append(found, Finding{
				Setting: setting.name, Breaks: setting.effect != weakens, Forbids: setting.effect == forbids,
				Problem: problem, WayOut: fmt.Sprintf(setting.wayOut, s.Name),
			})
		}
	}
	return found
}
