package load

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

func TestWhatConfirms(t *testing.T) {
	t.Parallel()
	stored := &contactv1.SubmitPersonResponse{Epoch: "1", Sequence: 300, Duplicate: true}
	nowhere := &contactv1.SubmitPersonResponse{Epoch: "1"}
	tests := []struct {
		name     string
		confirms confirms
		body     []byte
		want     bool
	}{
		{"JSON", confirming(JSON, false), encoded(t, protojson.Marshal, stored), true},
		{"JSON without a sequence", confirming(JSON, false), encoded(t, protojson.Marshal, nowhere), false},
		{"JSON that is cut off", confirming(JSON, false), []byte(`{"sequence":"`), false},
		{"binary", confirming(Binary, false), encoded(t, proto.Marshal, stored), true},
		{"binary without a sequence", confirming(Binary, false), encoded(t, proto.Marshal, nowhere), false},
		{"no binary", confirming(Binary, false), []byte{0xff}, false},
		{"plain", confirming(JSON, true), []byte("ok"), true},
		{"plain, something else", confirming(JSON, true), []byte("no"), false},
	}
	for _, test := range tests {
		if got := test.confirms(test.body); got != test.want {
			t.Errorf("%s: %q confirms: %t", test.name, test.body, got)
		}
	}
}

// encoded is a message as a server sends it.
func encoded(t *testing.T, encode func(proto.Message) ([]byte, error), message proto.Message) []byte {
	t.Helper()
	body, err := encode(message)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
