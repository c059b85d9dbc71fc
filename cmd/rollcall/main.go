package main

import (
	_ "buf.build/go/protovalidate"
	_ "capnproto.org/go/capnp/v3"
	_ "connectrpc.com/connect/v2"
	_ "connectrpc.com/connect/v2/connecthttp"
	_ "connectrpc.com/cors"
	_ "connectrpc.com/grpchealth"
	_ "connectrpc.com/grpcreflect/v2"
	_ "connectrpc.com/validate"
	_ "github.com/alecthomas/kong"
	_ "github.com/nats-io/nats-server/v2/server"
	_ "github.com/nats-io/nats.go/jetstream"
	_ "github.com/rs/cors"
	_ "go.uber.org/goleak"
	_ "google.golang.org/protobuf/proto"
	_ "pgregory.net/rapid"
	_ "google.golang.org/grpc"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
)

func main() {}
