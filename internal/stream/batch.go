package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// Unsent is a message that is to be published.
type Unsent struct {
	// Key stores one message within the stream's duplicate window; empty for none.
	Key     string
	Payload []byte
}

// SendTogether stores all messages one after another, as one atomic batch, or none.
// The acknowledgement is the last one's. The error is [ErrKnownKey] if a key has
// stored a message before.
func (p *Publisher) SendTogether(ctx context.Context, all []Unsent) (last Ack, err error) {
	batch := make([]*nats.Msg, len(all))
	for i, one := range all {
		header := nats.Header{jetstream.ExpectedStreamHeader: p.expect[jetstream.ExpectedStreamHeader]}
		if one.Key != "" {
			header[jetstream.MsgIDHeader] = []string{one.Key}
		}
		batch[i] = &nats.Msg{Subject: p.subject, Header: header, Data: one.Payload}
	}
	before := p.stream.epoch.confirmed.Load()
	ack, err := p.publishBatch(ctx, batch)
	if err != nil {
		return Ack{}, err
	}
	return Ack{Sequence: ack.Sequence, before: before, landed: time.Now()}, nil
}

// batches are the atomic batches that are under way.
type batches struct {
	mu   sync.Mutex
	ends map[int]context.CancelCauseFunc
	last int
}

// begin returns a context that end ends, and what to call when the batch is over.
func (b *batches) begin(ctx context.Context) (context.Context, func()) {
	ctx, end := context.WithCancelCause(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ends == nil {
		b.ends = make(map[int]context.CancelCauseFunc)
	}
	b.last++
	number := b.last
	b.ends[number] = end
	return ctx, func() {
		end(nil)
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.ends, number)
	}
}

// end ends all that are under way.
func (b *batches) end(reason error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, end := range b.ends {
		end(reason)
	}
}

func (p *Publisher) publishBatch(ctx context.Context, batch []*nats.Msg) (*jetstreamext.BatchAck, error) {
	ctx, over := p.batches.begin(ctx)
	defer over()
	patience := p.timeout
	if deadline, ok := ctx.Deadline(); ok {
		patience = time.Until(deadline)
	}
	p.trouble.sent()
	ack, err := jetstreamext.PublishMsgBatch(ctx, p.stream.js, batch, jetstreamext.BatchFlowControl{AckFirst: true, AckTimeout: patience})
	switch reason := context.Cause(ctx); {
	case err == nil:
	case reason != nil && !errors.Is(reason, ctx.Err()): // it was ended
		return nil, fmt.Errorf("store a batch in stream %q: %w", p.stream.name, reason)
	case errors.Is(err, nats.ErrNoResponders):
		err = p.stream.explain("store a batch in", jetstream.ErrNoStreamResponse) // so it is called where one message is published
	default:
		err = p.stream.explain("store a batch in", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		p.trouble.heard(err)
	}
	return ack, err
}
