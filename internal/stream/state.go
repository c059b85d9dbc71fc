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
	// DeletedSequences are those of the messages between First and Last that are gone, in
	// order; nil unless they were asked for.
	DeletedSequences []uint64
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
	return s.askState(ctx, "ask for the state of", func(ctx context.Context) (*jetstream.StreamInfo, error) {
		found, err := s.js.Stream(ctx, s.name)
		if err != nil {
			return nil, err
		}
		return found.CachedInfo(), nil
	})
}

// askDeleted asks for the deleted messages as well.
func (s *Stream) askDeleted(ctx context.Context) (*State, error) {
	return s.askState(ctx, "ask for the deleted messages of", func(ctx context.Context) (*jetstream.StreamInfo, error) {
		found, err := s.js.Stream(ctx, s.name)
		if err != nil {
			return nil, err
		}
		info, err := found.Info(ctx, jetstream.WithDeletedDetails(true))
		if err == nil && info.State.Deleted == nil {
			info.State.Deleted = []uint64{} // none is an answer, too
		}
		return info, err
	})
}

func (s *Stream) askState(ctx context.Context, doing string, ask func(context.Context) (*jetstream.StreamInfo, error)) (*State, error) {
	var state *State
	err := s.repeat(ctx, "STREAM.INFO."+s.name, func(ctx context.Context) error {
		asked := time.Now()
		info, err := ask(ctx)
		if err != nil {
			return err
		}
		state = stateOf(info, asked)
		return leads(info)
	})
	if err != nil {
		return nil, s.explain(doing, err)
	}
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
	if info.State.Deleted != nil {
		state.DeletedSequences = info.State.Deleted
		slices.Sort(state.DeletedSequences)
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

// BeforeLast is the position before the last n messages that are stored. deleted are
// the sequences of all that are gone between First and Last.
func (s *State) BeforeLast(n uint64, deleted []uint64) uint64 {
	if n >= s.Messages {
		return s.BeforeFirst()
	}
	position := s.Last - n
	for i := len(deleted) - 1; i >= 0 && deleted[i] > position; i-- {
		position-- // that one does not count
	}
	return position
}
