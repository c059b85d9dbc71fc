package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrNotStored says that the stream has no such message.
var ErrNotStored = errors.New("not stored")

// Stored is a message as the stream's leader has it.
type Stored struct {
	Sequence uint64 `json:"seq"`
	Payload  []byte `json:"data"`
}

// Get asks the stream's leader for the message at a sequence; [ErrNotStored] if
// there is none. jetstream's own GetMsg may be answered by any replica, and one
// that is behind would call a stored message gone.
func Get(ctx context.Context, nc *nats.Conn, stream string, sequence uint64) (Stored, error) {
	return askLeader(ctx, nc, stream, map[string]any{"seq": sequence})
}

// FirstFrom asks the leader for the first message at a sequence or later;
// [ErrNotStored] if there is none.
func FirstFrom(ctx context.Context, nc *nats.Conn, stream string, sequence uint64) (Stored, error) {
	return askLeader(ctx, nc, stream, map[string]any{"seq": sequence, "next_by_subj": ">"})
}

func askLeader(ctx context.Context, nc *nats.Conn, stream string, question map[string]any) (Stored, error) {
	request, err := json.Marshal(question)
	if err != nil {
		return Stored{}, fmt.Errorf("ask for a message: %w", err)
	}
	reply, err := nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, request)
	if err != nil {
		return Stored{}, fmt.Errorf("ask the stream's leader for message %v: %w", question["seq"], err)
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message *Stored             `json:"message"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return Stored{}, fmt.Errorf("read the leader's answer for message %v: %w", question["seq"], err)
	}
	switch {
	case answer.Error != nil && answer.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return Stored{}, ErrNotStored
	case answer.Error != nil:
		return Stored{}, fmt.Errorf("ask the stream's leader for message %v: %w", question["seq"], answer.Error)
	case answer.Message == nil:
		return Stored{}, fmt.Errorf("the leader's answer for message %v holds none", question["seq"])
	}
	return *answer.Message, nil
}
