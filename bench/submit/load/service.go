// Package load submits persons, in a process of its own, and checks and times each
// answer.
package load

import (
	"errors"
	"time"

	"rollcall/bench/measure"
	"rollcall/bench/process"
)

// Counts is how much was done so far.
type Counts struct {
	// OK were taken, Refused were refused for the load, and Unsent were due when no
	// connection was free.
	OK, Refused, Unsent int64
}

// Last is how long to wait for what is on its way.
type Last struct{ Patience time.Duration }

// Result is all that became of a load.
type Result struct {
	Counts

	// Failed had another answer or none, and Cause is the last one's.
	Failed int64
	Cause  string
	// Accepted and Refusals are how long the answers took, Late is how long after
	// they were due requests were sent, and Events how long after it was sent a
	// person came to the watcher.
	Accepted, Refusals, Late, Events *measure.Histogram
}

// load is made until it is finished.
type load interface {
	start()
	counts() Counts
	// measure takes times from now on, or no more.
	measure(on bool)
	finish(patience time.Duration) Result
}

// Service makes one load; its methods are called by net/rpc.
type Service struct {
	load load
}

var errNotOpen = errors.New("no load is open")

// Submit opens the connections for a load of single submissions.
func (s *Service) Submit(submissions Submissions, _ *process.Nothing) error {
	l, err := newSubmitting(submissions)
	if err != nil {
		return err
	}
	s.load = l
	return nil
}

// Import opens the streams of imports.
func (s *Service) Import(imports Imports, _ *process.Nothing) error {
	l, err := newImporting(imports)
	if err != nil {
		return err
	}
	s.load = l
	return nil
}

// Start begins to make the load.
func (s *Service) Start(process.Nothing, *process.Nothing) error {
	if s.load == nil {
		return errNotOpen
	}
	s.load.start()
	return nil
}

// Begin begins to take times.
func (s *Service) Begin(_ process.Nothing, counts *Counts) error { return s.measure(true, counts) }

// End ends it.
func (s *Service) End(_ process.Nothing, counts *Counts) error { return s.measure(false, counts) }

func (s *Service) measure(on bool, counts *Counts) error {
	if s.load == nil {
		return errNotOpen
	}
	s.load.measure(on)
	*counts = s.load.counts()
	return nil
}

// Finish ends the load, waits for what is on its way, and closes everything.
func (s *Service) Finish(last Last, result *Result) error {
	if s.load == nil {
		return errNotOpen
	}
	*result = s.load.finish(last.Patience)
	return nil
}
