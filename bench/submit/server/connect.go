package server

import (
	"context"
	"net/http"
	"sync/atomic"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/validate"

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
func startConnectBare() (System, error) { return startConnect() }

// startConnectParse starts it with the gateway's validation.
func startConnectParse() (System, error) {
	return startConnect(validate.NewServerInterceptor(validate.WithValidator(protovalidate.GlobalValidator)))
}

func startConnect(interceptors ...connect.ServerInterceptor) (System, error) {
	rpc := connect.NewServer(interceptors...)
	contactv1connect.RegisterSubmitServiceHandler(rpc, &connectOnly{})
	mux := http.NewServeMux()
	connecthttp.Mount(mux, rpc, server.RPCOptions()...)
	return listen.HTTP(mux)
}

// epoch is as long as rollcall's.
const epoch = "18b1f7c2a9d04e60"

// SubmitPerson answers as if the person were stored.
func (c *connectOnly) SubmitPerson(context.Context, *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	return &contactv1.SubmitPersonResponse{Epoch: epoch, Sequence: c.count.Add(1)}, nil
}
