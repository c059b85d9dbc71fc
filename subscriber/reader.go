package subscriber

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
)

const (
	// askTimeout bounds one question to JetStream.
	askTimeout = 2 * time.Second
	// heartbeat is how often JetStream says that a quiet reader is alive.
	heartbeat = 5 * time.Second
	// forgetAfter is when JetStream forgets a reader that is gone.
	forgetAfter = time.Minute
)

var (
	// errOtherEpoch says that JetStream has another incarnation of the stream
	// than the one that was to be read.
	errOtherEpoch = errors.New("the stream was made anew")
	// errLost says that a message was lost between JetStream and here; reading
	// again from the last one mends it.
	errLost = errors.New("a message was lost on the way from JetStream")
)

// ask returns what the stream's leader says of it now.
func ask(ctx context.Context, js jetstream.JetStream, name string, opts ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := js.Stream(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("look up stream %q: %w", name, err)
	}
	if len(opts) == 0 {
		return s.CachedInfo(), nil
	}
	info, err := s.Info(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("look up stream %q: %w", name, err)
	}
	return info, nil
}

// reader reads one incarnation of the stream in order through a consumer of its
// own, which JetStream forgets when it is not used.
type reader struct {
	js       jetstream.JetStream
	stream   string
	consumer string
	messages jetstream.MessagesContext
	// pending is how many messages were left to read when the reader was opened.
	pending uint64
	// consumed is the consumer sequence of the last message.
	consumed uint64
}

// openReader reads from a sequence on. Its consumer belongs to the incarnation of
// the stream in which it was made, so an epoch that is still right afterwards
// holds for every message that comes.
func openReader(ctx context.Context, js jetstream.JetStream, name, epoch string, from uint64, batch int) (*reader, error) {
	asked, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	consumer, err := js.CreateConsumer(asked, name, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       max(from, 1),
		AckPolicy:         jetstream.AckNonePolicy,
		MaxDeliver:        1,
		Replicas:          1,
		MemoryStorage:     true,
		InactiveThreshold: forgetAfter,
	})
	if err != nil {
		return nil, fmt.Errorf("open a consumer at sequence %d: %w", from, err)
	}
	r := &reader{js: js, stream: name, consumer: consumer.CachedInfo().Name, pending: consumer.CachedInfo().NumPending}
	if err := r.begin(ctx, consumer, epoch, batch); err != nil {
		r.close(ctx)
		return nil, err
	}
	return r, nil
}

func (r *reader) begin(ctx context.Context, consumer jetstream.Consumer, epoch string, batch int) error {
	info, err := ask(ctx, r.js, r.stream)
	if err != nil {
		return err
	}
	if stream.Epoch(info) != epoch {
		return errOtherEpoch
	}
	r.messages, err = consumer.Messages(jetstream.PullMaxMessages(batch), jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return fmt.Errorf("read from JetStream: %w", err)
	}
	return nil
}

// next returns the next message; its payload is the caller's. left is how many
// there were after it. It ends with ctx, whose error it then returns.
func (r *reader) next(ctx context.Context) (m message, left uint64, err error) {
	msg, err := r.messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return message{}, 0, fmt.Errorf("read from JetStream: %w", err)
	}
	meta, err := msg.Metadata()
	if err != nil {
		return message{}, 0, fmt.Errorf("read a message's place in the stream: %w", err)
	}
	r.consumed++
	if meta.Sequence.Consumer != r.consumed {
		return message{}, 0, errLost
	}
	return message{sequence: meta.Sequence.Stream, publishedAt: meta.Timestamp, payload: msg.Data()}, meta.NumPending, nil
}

// close ends the reading and takes the consumer away. Where that can't be said,
// JetStream forgets it by itself.
func (r *reader) close(ctx context.Context) {
	if r.messages != nil {
		r.messages.Stop()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
	defer cancel()
	_ = r.js.DeleteConsumer(ctx, r.stream, r.consumer)
}
