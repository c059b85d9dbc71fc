package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestAnswersCutAnywhere(t *testing.T) {
	t.Parallel()
	sent := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nDate: x\r\n\r\nok" +
		"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nwith\r\n\r\nmore")
	want := []string{`200 "ok"`, `429 ""`, `200 "with\r\n\r\nmore"`}
	check := func(pieces ...[]byte) {
		t.Helper()
		var got []string
		answers := NewAnswers(func(status int, body []byte) error {
			got = append(got, fmt.Sprintf("%d %q", status, body))
			return nil
		})
		for _, piece := range pieces {
			if err := answers.Feed(bytes.Clone(piece)); err != nil { // the buffer is used again
				t.Fatalf("cut at %d: %v", len(pieces[0]), err)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("cut at %d: got %q", len(pieces[0]), got)
		}
	}
	for at := range sent {
		check(sent[:at], sent[at:])
	}
	for size := 1; size < 40; size++ {
		check(slices.Collect(slices.Chunk(sent, size))...)
	}
}

func TestAnswersOfAnotherFormat(t *testing.T) {
	t.Parallel()
	for _, sent := range []string{
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 2\r\n\r\n",
		"HTTP/1.1 OK!\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
		string(bytes.Repeat([]byte("x"), mostHead+1)),
	} {
		answers := NewAnswers(func(int, []byte) error { return nil })
		if err := answers.Feed([]byte(sent)); !errors.Is(err, errFormat) {
			t.Errorf("%.40q: got %v", sent, err)
		}
	}
}
