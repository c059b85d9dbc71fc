package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// silence is how long JetStream may say nothing during a search before it is given
// up.
const silence = 5 * time.Second

// LookUp returns where JetStream remembers that a key has stored a message; nil if it
// does not. It publishes what JetStream refuses unless it knows the key, which it
// looks at first: nothing is ever stored.
func (p *Publisher) LookUp(ctx context.Context, key string) (*Ack, error) {
	before := p.stream.epoch.confirmed.Load()
	ack, err := p.stream.js.PublishMsg(ctx, &nats.Msg{Subject: p.subject},
		jetstream.WithRetryAttempts(0), jetstream.WithExpectStream(p.stream.name),
		jetstream.WithMsgID(key), jetstream.WithExpectLastMsgID(nuid.Next()))
	if isCode(err, codeOtherLastKey) {
		return nil, nil //nolint:nilnil // it is not known, and that is no error
	}
	if err != nil {
		return nil, p.stream.explain("look up a key in", err)
	}
	return &Ack{Sequence: ack.Sequence, Duplicate: true, before: before, landed: time.Now()}, nil
}

// UnsearchableError says why it can't be told which keys are stored.
type UnsearchableError struct{ reason string }

func (e *UnsearchableError) Error() string { return e.reason }

func unsearchable(format string, args ...any) error {
	return &UnsearchableError{reason: fmt.Sprintf(format, args...)}
}

// FindKeys sets the sequence of each key that is stored after a sequence of an epoch;
// the others stay 0. Every message from there to the stream's end must still be there:
// what is missing may have had one of the keys. Where that is not so, the error is an
// [UnsearchableError].
func (s *Stream) FindKeys(ctx context.Context, epoch string, after uint64, keys map[string]uint64) error {
	state, err := s.State(ctx)
	if err != nil {
		return err
	}
	switch {
	case epoch != state.Epoch:
		return unsearchable("the stream is another one (epoch %s) than the import began with (%s)", state.Epoch, epoch)
	case after > state.Last:
		return unsearchable("the stream ends at sequence %d, before the position %d", state.Last, after)
	case after+1 < state.First:
		return unsearchable("the stream keeps nothing before sequence %d any more, and the position is %d", state.First, after)
	}
	for looked := after; looked < state.Last; {
		if looked, err = s.findKeysFrom(ctx, looked+1, state.Last, keys); err != nil {
			return err
		}
	}
	// What was read is of one incarnation.
	if state, err = s.State(ctx); err != nil {
		return err
	}
	if epoch != state.Epoch {
		return unsearchable("%s", ErrOtherEpoch)
	}
	return nil
}

// findKeysFrom reads the keys of the messages from a sequence to the last, and returns
// how far it got.
func (s *Stream) findKeysFrom(ctx context.Context, from, last uint64, keys map[string]uint64) (looked uint64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	consumer, err := s.js.OrderedConsumer(ctx, s.name, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from, HeadersOnly: true,
	})
	if err != nil {
		return 0, s.explain("search for keys in", err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return 0, s.explain("search for keys in", err)
	}
	defer messages.Stop()
	for looked = from - 1; looked < last; {
		msg, err := messages.Next(jetstream.NextMaxWait(silence))
		if err != nil {
			return 0, s.explain("search for keys in", err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return 0, s.explain("search for keys in", err)
		}
		if meta.Sequence.Stream != looked+1 {
			return 0, unsearchable("the stream has lost sequence %d since", looked+1)
		}
		looked = meta.Sequence.Stream
		if key := msg.Headers().Get(jetstream.MsgIDHeader); key != "" {
			if _, wanted := keys[key]; wanted {
				keys[key] = looked
			}
		}
	}
	return looked, nil
}
