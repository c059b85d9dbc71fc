package clients

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// codec is how a protocol writes messages.
type codec struct {
	name      string
	marshal   func(proto.Message) ([]byte, error)
	unmarshal func([]byte, proto.Message) error
}

var codecs = []codec{
	{"json", protojson.Marshal, protojson.Unmarshal},
	{"proto", proto.Marshal, proto.Unmarshal},
}

func (c codec) encode(t *testing.T, message proto.Message) []byte {
	t.Helper()

	encoded, err := c.marshal(message)
	if err != nil {
		t.Fatal(err)
	}

	return encoded
}

func (c codec) decode(t *testing.T, encoded []byte, message proto.Message) {
	t.Helper()

	if err := c.unmarshal(encoded, message); err != nil {
		t.Fatalf("%v in %q", err, encoded)
	}
}
