package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Ack says where a message is stored.
type Ack struct {
	Sequence uint64
	// Duplicate is set if the key had stored a message before, and this is its place.
	Duplicate bool
	// Epoch is set where it is known without asking; see [Stream.EpochOf].
	Epoch string

	// before is what was known of the stream when the message was sent; nil if nothing.
	before *State
	// landed is when the acknowledgement came.
	landed time.Time
}

// ackReader reads JetStream's answers to publications to one stream.
type ackReader struct {
	// usual is how an answer begins, up to the sequence, when the message is stored.
	usual []byte
}

func newAckReader(stream string) ackReader {
	return ackReader{usual: fmt.Appendf(nil, `{"stream":%q,"seq":`, stream)}
}

// read returns where the message is stored, or why it is not.
func (r ackReader) read(msg *nats.Msg) (Ack, error) {
	if sequence, ok := r.readUsual(msg.Data); ok {
		return Ack{Sequence: sequence}, nil
	}
	return readAck(msg)
}

// readUsual reads an answer that holds nothing but the sequence, without decoding
// it as JSON, which takes about a microsecond.
func (r ackReader) readUsual(data []byte) (sequence uint64, ok bool) {
	rest, begins := bytes.CutPrefix(data, r.usual)
	digits, ends := bytes.CutSuffix(rest, []byte("}"))
	if !begins || !ends || len(digits) == 0 || digits[0] == '0' {
		return 0, false
	}
	sequence, err := strconv.ParseUint(string(digits), 10, 64)
	return sequence, err == nil
}

// readAck reads any answer.
func readAck(msg *nats.Msg) (Ack, error) {
	if len(msg.Data) == 0 && msg.Header.Get("Status") == "503" {
		return Ack{}, ErrNoStream
	}
	var answer struct {
		jetstream.PubAck

		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(msg.Data, &answer); err != nil {
		return Ack{}, fmt.Errorf("%w: %w", jetstream.ErrInvalidJSAck, err)
	}
	if answer.Error != nil {
		return Ack{}, fmt.Errorf("store the message: %w", meaning(answer.Error))
	}
	if answer.Stream == "" || answer.Sequence == 0 {
		return Ack{}, jetstream.ErrInvalidJSAck
	}
	return Ack{Sequence: answer.Sequence, Duplicate: answer.Duplicate}, nil
}
