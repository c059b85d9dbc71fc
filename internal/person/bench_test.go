package person_test

import (
	"testing"

	"rollcall/internal/person"
)

func BenchmarkEncode(b *testing.B) {
	p := ada()
	buffer := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buffer, err = person.Encode(buffer[:0], p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	payload := encode(b, ada())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := person.Decode(payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeJSONArray(b *testing.B) {
	payload := jsonArray(encode(b, ada()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := person.Decode(payload); err != nil {
			b.Fatal(err)
		}
	}
}
