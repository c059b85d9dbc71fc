package server

import (
	"net/http"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
	"connectrpc.com/validate"
)

// maxMessageBytes bounds a message of an RPC, decompressed.
const maxMessageBytes = 1 << 20

// Connect returns the handler of the RPCs that register adds, by Connect, gRPC and
// gRPC-Web, in Protobuf and [StrictJSON]. A method sees only requests that keep the
// validator's rules; nil has none. The options are for what differs.
func (m *Mux) Connect(validator protovalidate.Validator, register func(*connect.Server), options ...connecthttp.Option) http.Handler {
	var interceptors []connect.ServerInterceptor
	if validator != nil {
		interceptors = append(interceptors, validate.NewServerInterceptor(validate.WithValidator(validator)))
	}
	rpc := connect.NewServer(interceptors...)
	register(rpc)
	procedures := http.NewServeMux()
	connecthttp.Mount(procedures, rpc, append([]connecthttp.Option{
		connecthttp.WithCodecs(connectproto.NewBinaryCodec(), StrictJSON()),
		connecthttp.WithReadMaxBytes(maxMessageBytes),
	}, options...)...)
	return procedures
}

// StrictJSON is the JSON codec of our RPCs. A field that the API does not have is
// refused as INVALID_ARGUMENT, naming it: a typo must not lose data. Protobuf
// keeps to its own rule, which lets newer clients send what an older server does
// not know.
func StrictJSON() *connectproto.JSONCodec {
	json := connectproto.NewJSONCodec()
	json.UnmarshalOptions.DiscardUnknown = false
	return json
}
