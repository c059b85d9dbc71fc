package load

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"rollcall/bench/payload"
	contactv1 "rollcall/gen/contact/v1"
)

func TestRequestsDifferInNameAndKey(t *testing.T) {
	t.Parallel()
	decoders := map[string]func([]byte, proto.Message) error{JSON: protojson.Unmarshal, Binary: proto.Unmarshal}
	for encoding, decode := range decoders {
		for _, keyed := range []bool{false, true} {
			r, err := newRequest(encoding, keyed)
			if err != nil {
				t.Fatal(err)
			}
			for number := uint64(1); number < 3; number++ {
				stamp := payload.New()[:payload.StampSize]
				payload.Stamp(stamp, number, 7)
				want := &contactv1.SubmitPersonRequest{Person: payload.Person(stamp)}
				if keyed {
					want.IdempotencyKey = string(stamp)
				}
				got := &contactv1.SubmitPersonRequest{}
				if err := decode(bodyOf(t, r.numbered(number, 7)), got); err != nil || !proto.Equal(got, want) {
					t.Errorf("%s, keyed %t: got %v, %v, want %v", encoding, keyed, got, err, want)
				}
			}
		}
	}
}

// bodyOf is what an HTTP server reads of a request.
func bodyOf(t *testing.T, sent []byte) []byte {
	t.Helper()
	request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
