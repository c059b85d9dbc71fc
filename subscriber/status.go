package subscriber

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
)

// statusService is StatusService as Connect calls it.
type statusService struct{ *Subscriber }

// GetStatus says how things are.
func (s statusService) GetStatus(context.Context, *contactv1.GetStatusRequest) (*contactv1.GetStatusResponse, error) {
	now := s.source.now()
	status := &contactv1.GetStatusResponse{
		Now: timestamppb.Now(), Source: sourceOf(now.connected),
		Watches:         uint32(s.watches.Load()), //nolint:gosec // there are not so many
		EventsPerSecond: s.source.rates.seconds(),
	}
	if current := now.current; current != nil {
		status.Position = &contactv1.Position{Epoch: current.epoch, Sequence: current.log.Head()}
		status.RingBytes = uint64(current.log.Bytes()) //nolint:gosec // it is never negative
	}
	if found := s.source.found.Load(); found != nil {
		status.Stream = streamStatus(found)
	}
	return status, nil
}

func streamStatus(state *stream.State) *contactv1.StreamStatus {
	return &contactv1.StreamStatus{
		AskedAt: timestamppb.New(state.AskedAt), Name: state.Name,
		Messages: state.Messages, Bytes: state.Bytes,
		MaxMessages: state.MaxMessages, MaxBytes: state.MaxBytes,
		First: state.First, Last: state.Last,
		Replicas: uint32(state.Replicas), ReplicasCurrent: uint32(state.ReplicasCurrent), //nolint:gosec // at most five
		InMemory: state.InMemory,
	}
}
