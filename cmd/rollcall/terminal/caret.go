package terminal

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// caretWidth is how much of a line is shown around a caret.
const caretWidth = 70

// Caret draws a line of a text with a caret under one of its characters, both
// counted from 1; "" where the text has no such place.
func Caret(text string, line, column int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}

	chars := []rune(Harmless(strings.TrimSuffix(lines[line-1], "\r")))
	if column < 1 || column > len(chars)+1 {
		return ""
	}

	before, after := string(chars[:column-1]), string(chars[column-1:])
	if displaywidth.String(before+after) > caretWidth {
		before = truncateLeft(before, caretWidth/2)
		after = displaywidth.TruncateString(after, caretWidth/2, "…")
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
