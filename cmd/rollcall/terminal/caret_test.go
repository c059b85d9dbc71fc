package terminal

import (
	"strings"
	"testing"
)

func TestTheCaretStandsUnderItsCharacter(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("a", 100) + "!" + strings.Repeat("b", 100)

	for name, test := range map[string]struct {
		text         string
		line, column int
		want         string
	}{
		"in the middle": {"person.emial == 1", 1, 8, "    person.emial == 1\n           ^"},
		"after the end": {"(true", 1, 6, "    (true\n         ^"},
		"second line":   {"true &&\n  x", 2, 3, "      x\n      ^"},
		"wide and odd":  {"\"愛\t\" + x", 1, 8, "    \"愛␉\" + x\n            ^"},
		"long":          {long, 1, 101, "    …" + strings.Repeat("a", 34) + "!" + strings.Repeat("b", 33) + "…\n" + strings.Repeat(" ", 39) + "^"},
		"column beyond": {"x", 1, 9, ""},
		"line beyond":   {"x", 3, 1, ""},
		"no column":     {"x", 1, 0, ""},
		"no line":       {"x", 0, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := Caret(test.text, test.line, test.column); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
