package client

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

func TestPositions(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]*contactv1.Position{
		"e1:7":                    {Epoch: "e1", Sequence: 7},
		"2026-05-17T08:00:00Z:0":  {Epoch: "2026-05-17T08:00:00Z"},
		"":                        nil,
		"7":                       nil,
		":7":                      nil,
		"e1:":                     nil,
		"e1:-1":                   nil,
		"e1:18446744073709551616": nil,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			got, err := ParsePosition(text)
			if (err == nil) != (want != nil) || !proto.Equal(got, want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}

			if err == nil && FormatPosition(got.GetEpoch(), got.GetSequence()) != text {
				t.Errorf("written again as %s", FormatPosition(got.GetEpoch(), got.GetSequence()))
			}
		})
	}
}

func TestSince(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 5, 17, 8, 0, 0, 0, time.UTC)

	for text, want := range map[string]time.Time{
		"1h":                        now.Add(-time.Hour),
		"2026-05-17T07:30:00Z":      now.Add(-30 * time.Minute),
		"2026-05-17T09:30:00+02:00": now.Add(-30 * time.Minute),
		"-1h":                       {},
		"0s":                        {},
		"2027-01-01T00:00:00Z":      {},
		"yesterday":                 {},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			got, err := ParseSince(text, now)
			if (err == nil) == want.IsZero() || !got.Equal(want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		})
	}
}

func TestTheSameFileIsTheSameImport(t *testing.T) {
	t.Parallel()

	file := bytes.NewReader([]byte("{}\n"))

	first, err := FileImportID(file)
	if err != nil || file.Len() != 3 {
		t.Fatalf("%v, %d bytes left, want all 3", err, file.Len())
	}

	again, err := FileImportID(file)
	if err != nil || again != first {
		t.Errorf("the same bytes gave %s and %s, %v", first, again, err)
	}

	other, err := FileImportID(strings.NewReader("{} \n"))
	if err != nil || other == first {
		t.Errorf("other bytes gave the same %s, %v", other, err)
	}

	if key := rowKey(first, 1<<40); len(key) > 128 {
		t.Errorf("key %s is longer than the API takes", key)
	}
}

func TestServers(t *testing.T) {
	t.Parallel()

	for server, fine := range map[string]bool{
		"http://127.0.0.1:8080":         true,
		"https://example.org/rollcall/": true,
		"127.0.0.1:8080":                false,
		"localhost":                     false,
		"nats://localhost:4222":         false,
		"http://":                       false,
		"http://example.org?x=y":        false,
	} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()

			if _, err := Connect(Options{Server: server}); (err == nil) != fine {
				t.Errorf("got %v", err)
			}
		})
	}
}
