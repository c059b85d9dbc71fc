package client

import (
	"errors"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
)

func TestTheCaretStandsUnderAFiltersMistake(t *testing.T) {
	t.Parallel()

	refused := func(message string) error {
		return explained("watching", connect.NewError(connect.CodeInvalidArgument, message))
	}
	long := strings.Repeat("a", 100) + "!" + strings.Repeat("b", 100)

	for name, test := range map[string]struct {
		filter string
		err    error
		want   string
	}{
		"in the middle":         {"person.emial == 1", refused("filter: column 8: undefined field"), "    person.emial == 1\n           ^"},
		"after the end":         {"(true", refused("filter: column 6: missing ')'"), "    (true\n         ^"},
		"second line":           {"true &&\n  x", refused("filter: line 2, column 3: unknown"), "      x\n      ^"},
		"wide and odd":          {"\"愛\t\" + x", refused("filter: column 8: unknown"), "    \"愛␉\" + x\n            ^"},
		"long":                  {long, refused("filter: column 101: no"), "    …" + strings.Repeat("a", 34) + "!" + strings.Repeat("b", 33) + "…\n" + strings.Repeat(" ", 39) + "^"},
		"no column":             {"x", refused("filter: too long"), ""},
		"column beyond":         {"x", refused("filter: column 9: odd"), ""},
		"line beyond":           {"x", refused("filter: line 3, column 1: odd"), ""},
		"of another thing":      {"x", refused("after.sequence: 7"), ""},
		"another code":          {"x", connect.NewError(connect.CodeInternal, "filter: column 1: odd"), ""},
		"no error of an RPC":    {"x", errors.New("filter: column 1: odd"), ""},
		"none":                  {"x", nil, ""},
		"a number beyond bound": {"x", refused("filter: column 99999999999999999999: odd"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := FilterMistake(test.filter, test.err); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
