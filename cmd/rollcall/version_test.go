package main

import (
	"strings"
	"testing"
)

func TestVersionIsOneLine(t *testing.T) {
	t.Parallel()

	for _, args := range [][]string{{"version"}, {"version", "--output", "json"}} {
		got := finish(t, rollcall(t, args...))
		if got.status != exitFine || strings.Count(got.stdout, "\n") != 1 || !strings.Contains(got.stdout, "go1.") {
			t.Errorf("%v: got %+v", args, got)
		}
	}
}
