package peer

import (
	"context"
	"net/http"
	"sync"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"rollcall/bench/listen"
	"rollcall/bench/payload"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// watcherBuffer is how many events a watcher of the afternoon's server may be behind
// before it is cut off.
const watcherBuffer = 1024

// afternoon is what a good engineer writes in one: the same API, a channel for each
// watcher, and a map of them behind a mutex. Nothing is stored, and who is too slow
// is cut off.
type afternoon struct {
	*listen.Site

	mu       sync.Mutex
	watchers map[chan *contactv1.WatchPersonsResponse]struct{}
	sequence uint64
}

func startAfternoon() (Peer, error) {
	a := &afternoon{watchers: make(map[chan *contactv1.WatchPersonsResponse]struct{})}
	rpc := connect.NewServer()
	contactv1connect.RegisterWatchServiceHandler(rpc, a)
	mux := http.NewServeMux()
	connecthttp.Mount(mux, rpc)
	s, err := listen.HTTP(mux)
	if err != nil {
		return nil, err
	}
	a.Site = s
	return a, nil
}

// WatchPersons sends what comes on the watcher's channel.
func (a *afternoon) WatchPersons(ctx context.Context, _ *contactv1.WatchPersonsRequest, to contactv1connect.WatchServiceWatchPersonsServerStream) error {
	events := a.subscribe()
	defer a.unsubscribe(events)
	if err := to.Send(&contactv1.WatchPersonsResponse{Progress: &contactv1.Progress{}}); err != nil {
		return err
	}
	for {
		select {
		case event, ok := <-events:
			if !ok {
				return connect.NewError(connect.CodeAborted, "too slow")
			}
			if err := to.Send(event); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *afternoon) subscribe() chan *contactv1.WatchPersonsResponse {
	a.mu.Lock()
	defer a.mu.Unlock()
	events := make(chan *contactv1.WatchPersonsResponse, watcherBuffer)
	a.watchers[events] = struct{}{}
	return events
}

func (a *afternoon) unsubscribe(events chan *contactv1.WatchPersonsResponse) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.watchers, events)
}

// Publish hands the event to every watcher.
func (a *afternoon) Publish(event []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sequence++
	response := &contactv1.WatchPersonsResponse{Events: []*contactv1.PersonEvent{{
		Sequence:    a.sequence,
		PublishedAt: timestamppb.New(time.Now()),
		Payload:     &contactv1.PersonEvent_Person{Person: payload.Person(event[:payload.StampSize])},
	}}}
	for events := range a.watchers {
		select {
		case events <- response:
		default:
			delete(a.watchers, events)
			close(events)
		}
	}
	return nil
}
