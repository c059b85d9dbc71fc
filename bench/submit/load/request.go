package load

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"rollcall/bench/payload"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// The encodings of requests.
const (
	JSON   = "json"
	Binary = "binary"
)

// request is a SubmitPerson as it goes over the wire: made once, and then only its
// name and its key are written over.
type request struct {
	bytes []byte
	// name and key are where they stand; key is 0 for none.
	name, key int
}

var errNoPlace = errors.New("the encoded request does not hold its name or key as it is")

func newRequest(encoding string, keyed bool) (*request, error) {
	name := payload.New()[:payload.StampSize]
	key := []byte(strings.Repeat("-", payload.StampSize))
	message := &contactv1.SubmitPersonRequest{Person: payload.Person(name)}
	if keyed {
		message.IdempotencyKey = string(key)
	}
	var body []byte
	var err error
	media := "application/json"
	if encoding == Binary {
		media = "application/proto"
		body, err = proto.Marshal(message)
	} else {
		body, err = protojson.Marshal(message)
	}
	if err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	r := &request{bytes: fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: %s\r\nConnect-Protocol-Version: 1\r\nContent-Length: %d\r\n\r\n%s",
		contactv1connect.SubmitServiceSubmitPersonProcedure, media, len(body), body)}
	if r.name = bytes.Index(r.bytes, name); r.name < 0 {
		return nil, errNoPlace
	}
	if keyed {
		if r.key = bytes.Index(r.bytes, key); r.key < 0 {
			return nil, errNoPlace
		}
	}
	return r, nil
}

// numbered is the request's bytes with the number in name and key, and with the time
// it is sent at. They are good until the next.
func (r *request) numbered(number uint64, sent int64) []byte {
	payload.Stamp(r.bytes[r.name:], number, sent)
	if r.key > 0 {
		copy(r.bytes[r.key:], r.bytes[r.name:r.name+payload.StampSize])
	}
	return r.bytes
}
