package stream

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// FuzzUsualAck: what is read without decoding is what decoding reads.
func FuzzUsualAck(f *testing.F) {
	for _, data := range []string{
		`{"stream":"persons","seq":17}`, `{"stream":"persons","seq":17,"duplicate":true}`, `{"stream":"persons","domain":"hub","seq":17}`,
		`{"stream":"persons","seq":0}`, `{"stream":"persons","seq":007}`, `{"stream":"persons","seq":+7}`, `{"stream":"persons","seq":18446744073709551616}`,
		`{"stream":"persons","seq":}`, `{"stream":"other","seq":17}`, `{"stream":"persons","seq":17`, `17}`, `{"error":{"code":503,"err_code":10077}}`, ``, `{`,
	} {
		f.Add([]byte(data))
	}
	reader := newAckReader("persons")
	f.Fuzz(func(t *testing.T, data []byte) {
		sequence, ok := reader.readUsual(data)
		if !ok {
			return
		}
		if ack, err := readAck(&nats.Msg{Data: data}); err != nil || ack != (Ack{Sequence: sequence}) {
			t.Errorf("read %d of %q, which is %+v (%v)", sequence, data, ack, err)
		}
	})
}

func TestUsualAckIsWhatJetStreamWrites(t *testing.T) {
	t.Parallel()
	sequence, ok := newAckReader("persons").readUsual([]byte(`{"stream":"persons","seq":17}`))
	if !ok || sequence != 17 {
		t.Errorf("read %d, %v", sequence, ok)
	}
}

func TestAnswersThatAreNoAcknowledgementAreErrors(t *testing.T) {
	t.Parallel()
	nobody := nats.Header{"Status": {"503"}}
	tests := []struct {
		name string
		msg  nats.Msg
		want error
	}{
		{"nobody listens", nats.Msg{Header: nobody}, ErrNoStream},
		{"nothing", nats.Msg{}, jetstream.ErrInvalidJSAck},
		{"no JSON", nats.Msg{Data: []byte(`+OK`)}, jetstream.ErrInvalidJSAck},
		{"cut short", nats.Msg{Data: []byte(`{"stream":"persons","seq":17`)}, jetstream.ErrInvalidJSAck},
		{"no place", nats.Msg{Data: []byte(`{"stream":"persons"}`)}, jetstream.ErrInvalidJSAck},
		{"no stream", nats.Msg{Data: []byte(`{"seq":17}`)}, jetstream.ErrInvalidJSAck},
		{"a refusal", nats.Msg{Data: []byte(`{"stream":"persons","seq":17,"error":{"code":503,"err_code":10008}}`)}, ErrUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if ack, err := newAckReader("persons").read(&test.msg); !errors.Is(err, test.want) || ack != (Ack{}) {
				t.Errorf("got %+v, %v; want %v", ack, err, test.want)
			}
		})
	}
}
