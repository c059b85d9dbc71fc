package client

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

// Colours is the Style for terminals.
func Colours() Style {
	return Style{Title: "\x1b[1m", Notable: "\x1b[33m", Bad: "\x1b[31m"}
}

const plain = "\x1b[0m"

func (s Style) wrap(sequence, text string) string {
	if sequence == "" {
		return text
	}

	return sequence + text + plain
}
