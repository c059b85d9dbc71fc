package peer

import (
	"errors"

	"rollcall/bench/process"
)

// Nothing is no argument.
type Nothing = process.Nothing

// Service controls a peer from another process; its methods are called by net/rpc.
type Service struct {
	process.Profiler

	peer      Peer
	publisher *publisher
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

// Close ends the publishing, if it goes on, and the peer.
func (s *Service) Close() {
	if s.publisher != nil {
		s.publisher.end()
	}
	s.peer.Close()
}
