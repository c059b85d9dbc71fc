// Package terminal is what the command line shows: persons as a table, as JSON or as
// records, how far an import is, and any text in a form that a terminal does not obey.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Is reports whether a stream is a terminal.
func Is(stream any) bool {
	file, ok := stream.(*os.File)

	return ok && term.IsTerminal(int(file.Fd()))
}

// CanRedraw reports whether a stream is a terminal on which a line can be drawn again.
func CanRedraw(stream any) bool {
	return Is(stream) && os.Getenv("TERM") != "dumb"
}

// Width is a terminal's width in columns, or 0 for what is none.
func Width(stream io.Writer) int {
	file, ok := stream.(*os.File)
	if !ok {
		return 0
	}

	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}

	return width
}
