package stream

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
)

// SettingsError says which settings of a stream break promises. It wraps
// [ErrSettings].
type SettingsError struct {
	Stream   string
	Findings []Finding
}

func (e *SettingsError) Error() string {
	said := make([]string, len(e.Findings))
	for i, finding := range e.Findings {
		said[i] = finding.String()
	}
	return fmt.Sprintf("stream %q is not set up to keep its promises: %s", e.Stream, strings.Join(said, ". "))
}

// Unwrap is for errors.Is.
func (e *SettingsError) Unwrap() error { return ErrSettings }

// Inspection looks at a stream's settings, again and again, and logs what it finds
// that was not so before.
type Inspection struct {
	use    Use
	log    *slog.Logger
	stream string
	found  []Finding
	broken atomic.Pointer[SettingsError]
}

// NewInspection returns one that has not looked yet.
func NewInspection(use Use, log *slog.Logger) *Inspection { return &Inspection{use: use, log: log} }

// Look takes over the settings that a state came with. It must not be called twice at
// a time.
func (i *Inspection) Look(state *State) {
	before := i.found
	i.stream, i.found = state.Name, state.find(i.use)
	for _, finding := range i.found {
		if !slices.Contains(before, finding) {
			i.say(state, finding)
		}
	}
	broken := slices.DeleteFunc(slices.Clone(i.found), func(f Finding) bool { return !f.Breaks })
	if len(broken) == 0 {
		i.broken.Store(nil)
		return
	}
	i.broken.Store(&SettingsError{Stream: state.Name, Findings: broken})
}

func (i *Inspection) say(state *State, finding Finding) {
	about := []any{"stream", state.Name, "setting", finding.Setting, "problem", finding.Problem, "way_out", finding.WayOut}
	if finding.Breaks {
		i.log.Error("a setting of the stream breaks a promise", about...)
		return
	}
	i.log.Warn("a setting of the stream weakens a promise", about...)
}

// Forbidden is a [SettingsError] while the stream must not be used at all, as was found
// last. It must not be called while it is looked.
func (i *Inspection) Forbidden() error {
	forbidding := slices.DeleteFunc(slices.Clone(i.found), func(f Finding) bool { return !f.Forbids })
	if len(forbidding) == 0 {
		return nil
	}
	return &SettingsError{Stream: i.stream, Findings: forbidding}
}

// Err is a [SettingsError] while a setting breaks a promise, as far as was looked.
func (i *Inspection) Err() error {
	if broken := i.broken.Load(); broken != nil {
		return broken
	}
	return nil
}
