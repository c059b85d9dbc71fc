package main

import (
	"os"

	"rollcall/internal/client"
)

// styleFor is colours on a terminal that can show them, unless NO_COLOR is set to
// anything.
func styleFor(stream *os.File) client.Style {
	if !client.IsTerminal(stream) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return client.Style{}
	}

	return client.Colours()
}
