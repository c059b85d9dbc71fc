package clients

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// ToJSON is a message in the JSON of protobuf.
func ToJSON(message proto.Message) string {
	encoded, err := protojson.Marshal(message)
	if err != nil {
		return fmt.Sprint(err)
	}

	return string(encoded)
}

// FromJSON reads it.
func FromJSON[M proto.Message](t *testing.T, encoded []byte, message M) M {
	t.Helper()

	if err := protojson.Unmarshal(encoded, message); err != nil {
		t.Fatalf("%v in %q", err, encoded)
	}

	return message
}
