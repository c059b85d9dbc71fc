package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Message is one message of the stream.
type Message struct {
	Sequence    uint64
	PublishedAt time.Time
	Payload     []byte
}

// Get asks the stream's leader for the message at a sequence; [ErrNotStored] if
// there is none. jetstream's own GetMsg may be answered by any replica, and one
// that is behind would call a stored message gone.
func (s *Stream) Get(ctx context.Context, sequence uint64) (Message, error) {
	return s.askMessage(ctx, sequence, map[string]any{"seq": sequence})
}

// FirstFrom asks the leader for the first message at a sequence or later;
// [ErrNotStored] if there is none.
func (s *Stream) FirstFrom(ctx context.Context, sequence uint64) (Message, error) {
	return s.askMessage(ctx, sequence, map[string]any{"seq": sequence, "next_by_subj": ">"})
}

func (s *Stream) askMessage(ctx context.Context, sequence uint64, question map[string]any) (Message, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	failed := func(err error) (Message, error) {
		return Message{}, s.explain(fmt.Sprintf("ask for message %d of", sequence), err)
	}
	request, err := json.Marshal(question)
	if err != nil {
		return failed(err)
	}
	reply, err := s.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+s.name, request)
	if err != nil {
		return failed(err)
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Sequence uint64    `json:"seq"`
			Time     time.Time `json:"time"`
			Payload  []byte    `json:"data"`
		} `json:"message"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return failed(err)
	}
	switch {
	case answer.Error != nil:
		return failed(answer.Error)
	case answer.Message == nil:
		return failed(errors.New("the answer holds none"))
	}
	return Message{Sequence: answer.Message.Sequence, PublishedAt: answer.Message.Time, Payload: answer.Message.Payload}, nil
}
