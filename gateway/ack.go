package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ackReader reads JetStream's answers to publications to one stream.
type ackReader struct {
	stream string
	// usual is how an answer begins, up to the sequence, when the message is stored.
	usual []byte
}

func newAckReader(stream string) ackReader {
	return ackReader{stream: stream, usual: fmt.Appendf(nil, `{"stream":%q,"seq":`, stream)}
}

// read sets ack if the message is stored.
func (r ackReader) read(msg *nats.Msg, ack *jetstream.PubAck) error {
	if sequence, ok := r.readUsual(msg.Data); ok {
		ack.Stream, ack.Sequence = r.stream, sequence
		return nil
	}
	return readAck(msg, ack)
}

// readUsual reads an answer that holds nothing but the sequence, without decoding
// it as JSON, which takes about a microsecond.
func (r ackReader) readUsual(data []byte) (sequence uint64, ok bool) {
	rest, begins := bytes.CutPrefix(data, r.usual)
	digits, ends := bytes.CutSuffix(rest, []byte("}"))
	if !begins || !ends || len(digits) == 0 || digits[0] == '0' || digits[0] == '+' {
		return 0, false
	}
	sequence, err := strconv.ParseUint(string(digits), 10, 64)
	return sequence, err == nil
}

// readAck reads any answer.
func readAck(msg *nats.Msg, ack *jetstream.PubAck) error {
	if len(msg.Data) == 0 && msg.Header.Get("Status") == "503" {
		return jetstream.ErrNoStreamResponse
	}
	var answer struct {
		*jetstream.PubAck

		Error *jetstream.APIError `json:"error"`
	}
	answer.PubAck = ack
	if err := json.Unmarshal(msg.Data, &answer); err != nil {
		return fmt.Errorf("%w: %w", jetstream.ErrInvalidJSAck, err)
	}
	if answer.Error != nil {
		return fmt.Errorf("store the message: %w", answer.Error)
	}
	if ack.Stream == "" || ack.Sequence == 0 {
		return jetstream.ErrInvalidJSAck
	}
	return nil
}
