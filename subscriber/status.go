package subscriber

import (
	"context"
	"net/http"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

// heard is what the stream's leader said, and when.
type heard struct {
	info *jetstream.StreamInfo
	at   time.Time
}

// statusService is StatusService as Connect calls it.
type statusService struct{ *Subscriber }

// mountStatus adds StatusService, which is served as any RPC is.
func (s *Subscriber) mountStatus(mux *http.ServeMux) {
	rpc := connect.NewServer()
	contactv1connect.RegisterStatusServiceHandler(rpc, statusService{s})
	inner := http.NewServeMux()
	connecthttp.Mount(inner, rpc, server.RPCOptions()...)
	mux.Handle("/"+contactv1connect.StatusServiceName+"/", inner)
}

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
	if heard := s.source.heard.Load(); heard != nil {
		status.Stream = streamStatus(*heard)
	}
	return status, nil
}

func streamStatus(h heard) *contactv1.StreamStatus {
	config, state := h.info.Config, h.info.State
	current := 1 // the leader, who said so
	if h.info.Cluster != nil {
		for _, replica := range h.info.Cluster.Replicas {
			if replica.Current && !replica.Offline {
				current++
			}
		}
	}
	return &contactv1.StreamStatus{
		AskedAt: timestamppb.New(h.at), Name: config.Name,
		Messages: state.Msgs, Bytes: state.Bytes,
		MaxMessages: bound(config.MaxMsgs), MaxBytes: bound(config.MaxBytes),
		First: state.FirstSeq, Last: state.LastSeq,
		Replicas: uint32(config.Replicas), ReplicasCurrent: uint32(current), //nolint:gosec // at most five
		InMemory: config.Storage == jetstream.MemoryStorage,
	}
}

// bound is JetStream's limit, in which -1 is none.
func bound(limit int64) uint64 { return uint64(max(limit, 0)) }
