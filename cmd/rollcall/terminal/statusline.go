package terminal

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"

	contactv1 "rollcall/gen/contact/v1"
)

// quiet is after how long without anything to show it is said that a watch waits.
const quiet = 300 * time.Millisecond

// printer shows what a watch brings; see client.Printer.
type printer interface {
	Event(event *contactv1.PersonEvent) error
	Gap(gap *contactv1.Gap) error
	Progress(progress *contactv1.Progress) error
	Flush() error
}

// StatusLine is a printer that says on a terminal, below what another has printed, that
// the watch waits for more: a watch on which nothing happens would look like one that
// hangs. The line is gone before anything else is printed.
type StatusLine struct {
	terminal io.Writer
	above    printer
	// wanted is how many events are to be shown; 0 is any number.
	wanted uint64

	mu    sync.Mutex
	shown uint64
	// connected is set while the server reads the stream.
	connected bool
	// due is set while it is not known yet whether the watch waits.
	due *time.Timer
	// waits is set once it does, and drawn while the line says so.
	waits, drawn bool
}

// NewStatusLine returns a printer that prints by another, above the line.
func NewStatusLine(terminal io.Writer, above printer, wanted uint64) *StatusLine {
	return &StatusLine{terminal: terminal, above: above, wanted: wanted}
}

// Event prints an event, and counts it.
func (s *StatusLine) Event(event *contactv1.PersonEvent) error {
	s.Clear()
	s.shown++

	return s.above.Event(event)
}

// Gap prints a gap.
func (s *StatusLine) Gap(gap *contactv1.Gap) error {
	s.Clear()

	return s.above.Gap(gap)
}

// Progress prints a progress, and tells by it whether the server waits for persons, or
// for the stream. Nothing has happened: a watch that waits still does.
func (s *StatusLine) Progress(progress *contactv1.Progress) error {
	s.hide()
	s.connected = progress.GetSource() != contactv1.Source_SOURCE_DISCONNECTED

	return s.above.Progress(progress)
}

// Flush writes out what was printed. The line follows, if nothing else does.
func (s *StatusLine) Flush() error {
	s.hide()

	if err := s.above.Flush(); err != nil {
		return err
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	switch {
	case !s.connected:
		s.waits = false
	case s.waits:
		s.draw()
	default:
		s.due = time.AfterFunc(quiet, s.wait)
	}

	return nil
}

// Line prints a line, made harmless, where the status was. That comes back with what
// the server says next.
func (s *StatusLine) Line(line string) {
	s.Clear()
	_, _ = fmt.Fprintln(s.terminal, Harmless(line))
}

// Clear takes the line away.
func (s *StatusLine) Clear() {
	s.hide()
	s.waits = false
}

// hide takes the line away for as long as something is printed.
func (s *StatusLine) hide() {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.due != nil {
		s.due.Stop()
		s.due = nil
	}

	if s.drawn {
		_, _ = io.WriteString(s.terminal, clearLine)
		s.drawn = false
	}
}

// wait is called when nothing was printed for a while.
func (s *StatusLine) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.due == nil { // something was printed just now
		return
	}

	s.due, s.waits = nil, true
	s.draw()
}

// draw ignores errors of the terminal, as the bar does.
func (s *StatusLine) draw() {
	text := s.text()
	if width := Width(s.terminal); width > 0 {
		text = displaywidth.TruncateString(text, width-1, "…")
	}

	_, _ = io.WriteString(s.terminal, clearLine+text)
	s.drawn = true
}

func (s *StatusLine) text() string {
	var text string
	if s.shown == 0 {
		text = "connected, "
	}

	switch {
	case s.wanted > 0:
		text += fmt.Sprintf("%d of %d, ", s.shown, s.wanted)
	case s.shown > 0:
		text += fmt.Sprintf("%d shown, ", s.shown)
	}

	return text + "waiting"
}
