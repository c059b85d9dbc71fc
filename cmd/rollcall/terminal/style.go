package terminal

import "os"

// Style is the terminal sequences that set parts of the output off. The zero
// Style sets off nothing.
type Style struct {
	// Title is for column titles.
	Title string
	// Notable is for what people should see among the rows.
	Notable string
	// Bad is for what went wrong.
	Bad string
}

// StyleFor is colours on a terminal that can show them, unless NO_COLOR is set to
// anything.
func StyleFor(stream *os.File) Style {
	if !CanRedraw(stream) || os.Getenv("NO_COLOR") != "" {
		return Style{}
	}

	return colours()
}

func colours() Style {
	return Style{Title: "\x1b[1m", Notable: "\x1b[33m", Bad: "\x1b[31m"}
}

const plain = "\x1b[0m"

func (s Style) wrap(sequence, text string) string {
	if sequence == "" {
		return text
	}

	return sequence + text + plain
}
