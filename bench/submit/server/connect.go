package server

import (
	"context"
	"sync/atomic"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"

	"rollcall/bench/listen"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

// connectOnly is rollcall's API with nothing behind it: it counts.
type connectOnly struct {
	contactv1connect.UnimplementedSubmitServiceHandler

	count atomic.Uint64
}

// startConnectBare starts it without validation.
func startConnectBare() (System, error) { return startConnect(nil) }

// startConnectParse starts it with the gateway's validation.
func startConnectParse() (System, error) {
	return startConnect(protovalidate.GlobalValidator)
}

func startConnect(validator protovalidate.Validator) (System, error) {
	mux := server.NewMux(server.Config{})
	mux.RPC(contactv1connect.SubmitServiceSubmitPersonProcedure, mux.Connect(validator, func(rpc *connect.Server) {
		contactv1connect.RegisterSubmitServiceHandler(rpc, &connectOnly{})
	}))
	return listen.HTTP(mux)
}

// epoch is as long as rollcall's.
const epoch = "18b1f7c2a9d04e60"

// SubmitPerson answers as if the person were stored.
func (c *connectOnly) SubmitPerson(context.Context, *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	return &contactv1.SubmitPersonResponse{Epoch: epoch, Sequence: c.count.Add(1)}, nil
}
