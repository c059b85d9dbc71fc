package stream

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// State is how a stream is, as its leader said. It must not be changed: it may be
// shared.
type State struct {
	// AskedAt is when the leader was asked: the answer is no older.
	AskedAt time.Time
	Name    string
	Epoch   string
	// First and Last are the sequences that the stream begins and ends with. Without
	// messages First is the next that will be given, or 0.
	First, Last     uint64
	Messages, Bytes uint64
	// Deleted is how many messages between First and Last are gone.
	Deleted int
	// MaxMessages and MaxBytes are the stream's limits; 0 for none.
	MaxMessages, MaxBytes uint64
	// Replicas is how many servers are to have each message, ReplicasCurrent how many
	// have all of them.
	Replicas, ReplicasCurrent int
	InMemory                  bool

	config jetstream.StreamConfig
	// carries is the largest message that the NATS server takes; 0 if that is not known.
	carries int64
}

// leastMessage is what a small person takes in the stream, in bytes.
const leastMessage = 128

// full is the limit for which a message of the usual size would be refused; empty if
// there is room. Where the stream forgets old messages there is always room.
func (s *State) full() string {
	usual := uint64(leastMessage)
	if s.Messages > 0 {
		usual = s.Bytes / s.Messages
	}
	perSubject := limit(s.config.MaxMsgsPerSubject)
	switch {
	case s.config.Discard != jetstream.DiscardNew:
		return ""
	case s.MaxMessages > 0 && s.Messages >= s.MaxMessages:
		return fmt.Sprintf("max_msgs is %d", s.MaxMessages)
	case s.MaxBytes > 0 && s.Bytes+usual > s.MaxBytes:
		return fmt.Sprintf("max_bytes is %d", s.MaxBytes)
	case s.config.DiscardNewPerSubject && perSubject > 0 && s.Messages >= perSubject && len(s.config.Subjects) == 1:
		return fmt.Sprintf("max_msgs_per_subject is %d", perSubject)
	}
	return ""
}

// BeforeFirst is the position before the first message that exists.
func (s *State) BeforeFirst() uint64 {
	if s.Messages == 0 {
		return s.Last
	}
	return max(s.First, 1) - 1
}

// ask asks the leader how the stream is.
func (s *Stream) ask(ctx context.Context) (*State, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	asked := time.Now()
	found, err := s.js.Stream(ctx, s.name)
	if err != nil {
		return nil, s.explain("ask for the state of", err)
	}
	state := stateOf(found.CachedInfo(), asked)
	state.carries = s.nc.MaxPayload()
	s.epoch.confirm(state)
	return state, nil
}

func stateOf(info *jetstream.StreamInfo, asked time.Time) *State {
	state := &State{
		AskedAt: asked, Name: info.Config.Name, Epoch: Epoch(info),
		First: info.State.FirstSeq, Last: info.State.LastSeq,
		Messages: info.State.Msgs, Bytes: info.State.Bytes, Deleted: info.State.NumDeleted,
		MaxMessages: limit(info.Config.MaxMsgs), MaxBytes: limit(info.Config.MaxBytes),
		Replicas: info.Config.Replicas, ReplicasCurrent: 1, // the leader, who said so
		InMemory: info.Config.Storage == jetstream.MemoryStorage,
		config:   info.Config,
	}
	if info.Cluster != nil {
		for _, replica := range info.Cluster.Replicas {
			if replica.Current && !replica.Offline {
				state.ReplicasCurrent++
			}
		}
	}
	return state
}

// limit is JetStream's, in which -1 is none.
func limit(of int64) uint64 { return uint64(max(of, 0)) }

// BeforeLast returns the position before the last n messages that are stored, and
// the epoch in which it is so.
func (s *Stream) BeforeLast(ctx context.Context, n uint64) (position uint64, epoch string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	found, err := s.js.Stream(ctx, s.name)
	if err != nil {
		return 0, "", s.explain("ask for the state of", err)
	}
	info, err := found.Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return 0, "", s.explain("ask for the deleted messages of", err)
	}
	return beforeLast(info.State, n), Epoch(info), nil
}

// beforeLast counts back over what is stored, leaving out what was deleted.
func beforeLast(state jetstream.StreamState, n uint64) uint64 {
	deleted := slices.Sorted(slices.Values(state.Deleted))
	sequence := state.LastSeq
	for ; n > 0 && sequence >= state.FirstSeq && sequence > 0; sequence-- {
		if _, gone := slices.BinarySearch(deleted, sequence); !gone {
			n--
		}
	}
	return sequence
}

// BeforeTime returns the position before the first message that was published at a
// time or later.
func (s *Stream) BeforeTime(ctx context.Context, since time.Time) (position uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	// A consumer that starts by time knows the sequence before it delivers.
	consumer, err := s.js.CreateConsumer(ctx, s.name, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartTimePolicy,
		OptStartTime:      &since,
		AckPolicy:         jetstream.AckNonePolicy,
		Replicas:          1,
		MemoryStorage:     true,
		InactiveThreshold: askTimeout,
	})
	if err != nil {
		return 0, s.explain("look by time in", err)
	}
	info := consumer.CachedInfo()
	_ = s.js.DeleteConsumer(ctx, s.name, info.Name) // else JetStream forgets it soon
	return info.Delivered.Stream, nil
}
