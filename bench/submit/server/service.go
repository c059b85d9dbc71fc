package server

import (
	"errors"
	"fmt"

	"rollcall/bench/process"
	"rollcall/bench/submit/load"
)

// Service controls a system from another process; its methods are called by
// net/rpc. Where the system makes its own load, they are those of [load.Service]
// as well.
type Service struct {
	process.Profiler

	system System
}

// NewService controls a system.
func NewService(s System) *Service { return &Service{system: s} }

var errNoLoad = errors.New("the system makes no load of its own")

// Address returns where the system listens.
func (s *Service) Address(_ process.Nothing, address *string) error {
	*address = s.system.Address()
	return nil
}

// Stored returns how many messages the system has stored.
func (s *Service) Stored(_ process.Nothing, stored *uint64) (err error) {
	system, ok := s.system.(storing)
	if !ok {
		return errStoresNothing
	}
	if *stored, err = system.Stored(); err != nil {
		return fmt.Errorf("count what is stored: %w", err)
	}
	return nil
}

// Start begins to make the load.
func (s *Service) Start(process.Nothing, *process.Nothing) error {
	n, ok := s.system.(*natsAlone)
	if !ok {
		return errNoLoad
	}
	n.start()
	return nil
}

// Begin returns how much was done when what counts begins.
func (s *Service) Begin(_ process.Nothing, counts *load.Counts) error { return s.counts(counts) }

// End returns how much was done when it ends.
func (s *Service) End(_ process.Nothing, counts *load.Counts) error { return s.counts(counts) }

func (s *Service) counts(counts *load.Counts) error {
	n, ok := s.system.(*natsAlone)
	if !ok {
		return errNoLoad
	}
	*counts = n.counts()
	return nil
}

// Finish ends the load.
func (s *Service) Finish(last load.Last, result *load.Result) error {
	n, ok := s.system.(*natsAlone)
	if !ok {
		return errNoLoad
	}
	*result = n.finish(last.Patience)
	return nil
}

// Close ends the system.
func (s *Service) Close() { s.system.Close() }
