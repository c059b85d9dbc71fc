package client

import (
	contactv1 "rollcall/gen/contact/v1"
)

// Printer shows what a watch brings, in order, from one goroutine. Output may be
// held back until Flush, which comes after every response.
type Printer interface {
	// Event shows a person, or a message that could not be read as one.
	Event(event *contactv1.PersonEvent) error
	// Gap shows what is missing.
	Gap(gap *contactv1.Gap) error
	// Progress shows, if anything, how far the watch is.
	Progress(progress *contactv1.Progress) error
	// Flush writes out what was held back.
	Flush() error
}
