package person_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/proto"

	"rollcall/internal/person"
)

// FuzzDecode: no bytes crash it, and what it reads can be written and read again.
func FuzzDecode(f *testing.F) {
	f.Add(unhex(f, adaBytes))
	f.Add(jsonArray(unhex(f, adaBytes)))
	f.Add(severalSegments(f))
	f.Add(sharedText(f))
	f.Add(manySmallPhones(4097))
	f.Add(personOf(0, 0, structPointer(1)|1<<32, listPointer(1, 7, 0), 0, 0))
	f.Fuzz(func(t *testing.T, payload []byte) {
		first, err := person.Decode(payload)
		if err != nil {
			return
		}
		again, err := person.Encode(nil, first)
		if err != nil {
			t.Fatalf("encode what was decoded: %v", err)
		}
		second, err := person.Decode(again)
		if err != nil {
			t.Fatalf("decode what was encoded: %v", err)
		}
		if !proto.Equal(first, second) {
			t.Fatalf("got %v, want %v", second, first)
		}
	})
}

// FuzzDecodeJSONArray: it takes what encoding/json takes as such an array, and
// nothing else.
func FuzzDecodeJSONArray(f *testing.F) {
	f.Add(jsonArray(unhex(f, adaBytes)))
	f.Add([]byte(" [ 0 , 255 ] "))
	f.Add([]byte("[1,]"))
	f.Add([]byte("[00]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := person.DecodeJSONArray(text)
		want, ok := byEncodingJSON(text)
		if (err == nil) != ok && len(text) <= person.MaxPayload {
			t.Fatalf("got %v, encoding/json says %v", err, ok)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// byEncodingJSON reads the array slowly. Numbers are compared as they are
// written, because encoding/json takes null for 0.
func byEncodingJSON(text []byte) ([]byte, bool) {
	var elements []json.RawMessage
	if json.Unmarshal(text, &elements) != nil || elements == nil {
		return nil, false
	}
	values := make([]byte, len(elements))
	for i, element := range elements {
		if string(element) == "null" || json.Unmarshal(element, &values[i]) != nil {
			return nil, false
		}
	}
	return values, true
}
