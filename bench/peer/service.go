package peer

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// Nothing is no argument.
type Nothing struct{}

// Service controls a peer from another process; its methods are called by net/rpc.
type Service struct {
	peer      Peer
	publisher *publisher
	profile   *os.File
}

// NewService controls a peer.
func NewService(p Peer) *Service { return &Service{peer: p} }

var errNotPublishing = errors.New("nothing is being published")

// Address returns where the peer listens.
func (s *Service) Address(_ Nothing, address *string) error {
	*address = s.peer.Address()
	return nil
}

// Publish begins to publish, so many events a second.
func (s *Service) Publish(rate int, _ *Nothing) error {
	s.publisher = startPublisher(s.peer, rate)
	return nil
}

// Count returns how many were published so far.
func (s *Service) Count(_ Nothing, count *uint64) error {
	if s.publisher == nil {
		return errNotPublishing
	}
	*count = s.publisher.count.Load()
	return nil
}

// Stop ends the publishing.
func (s *Service) Stop(_ Nothing, published *Published) error {
	if s.publisher == nil {
		return errNotPublishing
	}
	*published = s.publisher.stop()
	return nil
}

// Profile begins to write a CPU profile, which EndProfile ends.
func (s *Service) Profile(path string, _ *Nothing) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	s.profile = file
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	return nil
}

// EndProfile ends what Profile began.
func (s *Service) EndProfile(Nothing, *Nothing) error {
	pprof.StopCPUProfile()
	if err := s.profile.Close(); err != nil {
		return fmt.Errorf("write a profile: %w", err)
	}
	return nil
}

// Close ends the publishing, if it goes on, and the peer.
func (s *Service) Close() {
	if s.publisher != nil {
		s.publisher.end()
	}
	s.peer.Close()
}
