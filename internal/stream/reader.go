package stream

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// heartbeat is how often JetStream says that a quiet reader is alive.
	heartbeat = 5 * time.Second
	// forgetAfter is when JetStream forgets a reader that is gone.
	forgetAfter = time.Minute
)

// Reader reads one incarnation of the stream in order through a consumer of its
// own, which JetStream forgets when it is not used.
//
// It is not nats.go's ordered consumer: that one makes itself anew after any loss,
// also in a stream that was deleted and made again, and would go on there at the old
// sequence.
type Reader struct {
	stream   *Stream
	consumer string
	messages jetstream.MessagesContext
	pending  uint64
	// consumed is the consumer sequence of the last message.
	consumed uint64
}

// OpenReader reads from a sequence on, with at most so many messages under way. Its
// consumer belongs to the incarnation of the stream in which it was made, so an epoch
// that is still right afterwards holds for every message that comes; else it is
// [ErrOtherEpoch].
func (s *Stream) OpenReader(ctx context.Context, epoch string, from uint64, batch int) (*Reader, error) {
	var r *Reader
	var consumer jetstream.Consumer
	err := s.repeat(ctx, "CONSUMER.CREATE."+s.name, func(ctx context.Context) (err error) {
		// Each try makes another consumer: a cluster may have placed the one before on a
		// server of which it does not know yet that it is gone.
		r = &Reader{stream: s, consumer: "rollcall-" + rand.Text()}
		consumer, err = s.js.CreateConsumer(ctx, s.name, jetstream.ConsumerConfig{
			Name:              r.consumer,
			DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
			OptStartSeq:       max(from, 1),
			AckPolicy:         jetstream.AckNonePolicy,
			MaxDeliver:        1,
			Replicas:          1,
			MemoryStorage:     true,
			InactiveThreshold: forgetAfter,
		})
		if isUnanswered(err) {
			s.forget(r.consumer)
		}
		return err
	})
	if err != nil {
		return nil, s.explain(fmt.Sprintf("read from sequence %d on in", from), err)
	}
	r.pending = consumer.CachedInfo().NumPending
	if err := r.begin(ctx, consumer, epoch, batch); err != nil {
		r.Close(ctx)
		return nil, err
	}
	return r, nil
}

func (r *Reader) begin(ctx context.Context, consumer jetstream.Consumer, epoch string, batch int) error {
	state, err := r.stream.State(ctx)
	if err != nil {
		return err
	}
	if state.Epoch != epoch {
		return ErrOtherEpoch
	}
	r.messages, err = consumer.Messages(jetstream.PullMaxMessages(batch), jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return r.stream.explain("read from", err)
	}
	return nil
}

// Pending is how many messages were left to read when the reader was opened.
func (r *Reader) Pending() uint64 { return r.pending }

// Next returns the next message; its payload is the caller's. left is how many
// there were after it. It ends with ctx, whose error it then returns.
func (r *Reader) Next(ctx context.Context) (m Message, left uint64, err error) {
	msg, err := r.messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return Message{}, 0, r.stream.explain("read from", err)
	}
	meta, err := msg.Metadata()
	if err != nil {
		return Message{}, 0, r.stream.explain("read a message's place in", err)
	}
	r.consumed++
	if meta.Sequence.Consumer != r.consumed {
		return Message{}, 0, ErrLost
	}
	return Message{Sequence: meta.Sequence.Stream, PublishedAt: meta.Timestamp, Payload: msg.Data()}, meta.NumPending, nil
}

// Close ends the reading and has the consumer taken away. A cluster that elects does not
// confirm that, and is not waited for: JetStream forgets the consumer by itself.
func (r *Reader) Close(ctx context.Context) {
	if r.messages != nil {
		r.messages.Stop()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), firstTry)
	defer cancel()
	_ = r.stream.js.DeleteConsumer(ctx, r.stream.name, r.consumer)
}

// forget has a consumer taken away of which it is not known whether it was made.
func (s *Stream) forget(consumer string) {
	_ = s.nc.PublishRequest(s.api("CONSUMER.DELETE."+s.name+"."+consumer), s.nc.NewInbox(), nil) // nobody reads the answer
}
