package server

import (
	"context"
	"fmt"
	"net/http"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/protobuf/encoding/protojson"

	"rollcall/bench/listen"
	"rollcall/bench/rollcall"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// afternoon is what a good engineer writes in one: the same API, each person
// published as JSON, and the answer once JetStream has acknowledged it. Nothing is
// validated.
type afternoon struct {
	contactv1connect.UnimplementedSubmitServiceHandler
	*listen.Site
	*rollcall.JetStream
}

func startAfternoon() (System, error) {
	store, err := rollcall.StartJetStream()
	if err != nil {
		return nil, err
	}
	a := &afternoon{JetStream: store}
	rpc := connect.NewServer()
	contactv1connect.RegisterSubmitServiceHandler(rpc, a)
	mux := http.NewServeMux()
	connecthttp.Mount(mux, rpc)
	if a.Site, err = listen.HTTP(mux); err != nil {
		store.Close()
		return nil, err
	}
	return a, nil
}

// SubmitPerson publishes and waits.
func (a *afternoon) SubmitPerson(ctx context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	person, err := protojson.Marshal(request.GetPerson())
	if err != nil {
		return nil, fmt.Errorf("encode the person: %w", err)
	}
	ack, err := a.JS.Publish(ctx, rollcall.Subject, person)
	if err != nil {
		return nil, fmt.Errorf("publish the person: %w", err)
	}
	return &contactv1.SubmitPersonResponse{Sequence: ack.Sequence}, nil
}

// Close ends both.
func (a *afternoon) Close() {
	a.Site.Close()
	a.JetStream.Close()
}
