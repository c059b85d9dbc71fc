package client

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"connectrpc.com/connect/v2"
	"github.com/clipperhouse/displaywidth"
)

// filterPlace is how the server says where a filter's mistake is, in characters
// from 1.
var filterPlace = regexp.MustCompile(`^filter: (?:line (\d+), )?column (\d+): `)

// mistakeWidth is how much of a filter's line is shown around a mistake.
const mistakeWidth = 70

// FilterMistake draws a filter's line with a caret under the place that the
// server has refused; "" if err says nothing of the sort.
func FilterMistake(filter string, err error) string {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok || rpc.Code() != connect.CodeInvalidArgument {
		return ""
	}

	place := filterPlace.FindStringSubmatch(rpc.Message())
	if place == nil {
		return ""
	}

	line, _ := strconv.Atoi(place[1]) // none is the first
	column, _ := strconv.Atoi(place[2])

	lines := strings.Split(filter, "\n")
	if line = max(line, 1); line > len(lines) {
		return ""
	}

	text := []rune(Harmless(strings.TrimSuffix(lines[line-1], "\r")))
	if column < 1 || column > len(text)+1 {
		return ""
	}

	before, after := string(text[:column-1]), string(text[column-1:])
	if displaywidth.String(before+after) > mistakeWidth {
		before = truncateLeft(before, mistakeWidth/2)
		after = displaywidth.TruncateString(after, mistakeWidth/2, "…")
	}

	const indent = "    "

	return indent + before + after + "\n" + indent + strings.Repeat(" ", displaywidth.String(before)) + "^"
}

// truncateLeft keeps the end of a text.
func truncateLeft(text string, width int) string {
	if displaywidth.String(text) <= width {
		return text
	}

	kept := []rune(text)
	for displaywidth.String(string(kept)) >= width {
		kept = kept[1:]
	}

	return "…" + string(kept)
}
