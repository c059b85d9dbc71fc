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
	return s.askMessage(ctx, fmt.Sprintf("message %d", sequence), map[string]any{"seq": sequence})
}

// FirstFrom asks the leader for the first message at a sequence or later;
// [ErrNotStored] if there is none.
func (s *Stream) FirstFrom(ctx context.Context, sequence uint64) (Message, error) {
	return s.askMessage(ctx, fmt.Sprintf("the first message from %d on", sequence), map[string]any{"seq": max(sequence, 1), "next_by_subj": ">"})
}

// errTooOld is for NATS servers before 2.11, which pass over the time.
var errTooOld = errors.New("the NATS server can't look for a time: it must be 2.11 or later")

// FirstSince asks the leader for the first message that was published at a time or
// later; [ErrNotStored] if there is none.
func (s *Stream) FirstSince(ctx context.Context, since time.Time) (Message, error) {
	about := "the first message since " + since.UTC().Format(time.RFC3339Nano)
	m, err := s.askMessage(ctx, about, map[string]any{"start_time": since.UTC(), "next_by_subj": ">"})
	if err == nil && m.PublishedAt.Before(since) {
		return Message{}, s.explain("ask for "+about+" of", errTooOld)
	}
	return m, err
}

func (s *Stream) askMessage(ctx context.Context, about string, question map[string]any) (m Message, err error) {
	request, err := json.Marshal(question)
	if err == nil {
		const api = "STREAM.MSG.GET."
		err = s.repeat(ctx, api+s.name, func(ctx context.Context) error {
			reply, err := s.nc.RequestWithContext(ctx, s.api(api+s.name), request)
			if err != nil {
				return err
			}
			m, err = messageOf(reply.Data)
			return err
		})
	}
	if err != nil {
		return Message{}, s.explain("ask for "+about+" of", err)
	}
	return m, nil
}

// messageOf reads an answer of the leader.
func messageOf(reply []byte) (Message, error) {
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Sequence uint64    `json:"seq"`
			Time     time.Time `json:"time"`
			Payload  []byte    `json:"data"`
		} `json:"message"`
	}
	if err := json.Unmarshal(reply, &answer); err != nil {
		return Message{}, err
	}
	switch {
	case answer.Error != nil:
		return Message{}, answer.Error
	case answer.Message == nil:
		return Message{}, errors.New("the answer holds none")
	}
	return Message{Sequence: answer.Message.Sequence, PublishedAt: answer.Message.Time, Payload: answer.Message.Payload}, nil
}
