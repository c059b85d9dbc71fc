package client

import (
	"testing"
	"time"
)

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
