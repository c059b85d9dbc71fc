package server_test

import (
	"testing"

	"rollcall/internal/server"
)

func TestPreference(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		header []string
		want   float64
	}{
		{"no header", nil, 0},
		{"named", []string{"text/event-stream"}, 1},
		{"in capitals", []string{"Text/Event-Stream"}, 1},
		{"among others", []string{"text/html, text/event-stream ; q=0.5,*/*"}, 0.5},
		{"in a second header", []string{"text/html", "text/event-stream;q=0.3"}, 0.3},
		{"not wanted", []string{"text/event-stream;q=0"}, 0},
		{"not wanted, in other words", []string{"text/event-stream; charset=utf-8; Q=0.000"}, 0},
		{"a weight that is none", []string{"text/event-stream;q=much"}, 1},
		{"not named", []string{"*/*"}, 0},
		{"part of another", []string{"text/event-stream2"}, 0},
	} {
		if got := server.Preference(test.header, "text/event-stream"); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
