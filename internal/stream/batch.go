package stream

import (
	"context"
	"errors"
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

func (p *Publisher) publishBatch(ctx context.Context, batch []*nats.Msg) (*jetstreamext.BatchAck, error) {
	p.trouble.sent()
	ack, err := jetstreamext.PublishMsgBatch(ctx, p.stream.js, batch)
	if errors.Is(err, nats.ErrNoResponders) {
		err = jetstream.ErrNoStreamResponse // so it is called where one message is published
	}
	if err != nil {
		err = p.stream.explain("store a batch in", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		p.trouble.heard(err)
	}
	return ack, err
}
