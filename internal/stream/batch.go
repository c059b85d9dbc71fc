package stream

import (
	"context"
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
	ack, err := jetstreamext.PublishMsgBatch(ctx, p.stream.js, batch)
	if err != nil {
		return Ack{}, p.stream.explain("store a batch in", err)
	}
	return Ack{Sequence: ack.Sequence, before: before, landed: time.Now()}, nil
}
