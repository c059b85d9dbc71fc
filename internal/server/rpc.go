package server

import (
	"context"
	"net/http"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
	"connectrpc.com/validate"
)

// Connect returns the handler of the RPCs that register adds, by Connect, gRPC and
// gRPC-Web, in Protobuf and [StrictJSON]. A method sees only requests that keep the
// validator's rules; nil has none. The options are for what differs.
func (m *Mux) Connect(validator protovalidate.Validator, register func(*connect.Server), options ...connecthttp.Option) http.Handler {
	interceptors := []connect.ServerInterceptor{m.limitExpanding}
	if validator != nil {
		interceptors = append(interceptors, validate.NewServerInterceptor(validate.WithValidator(validator)))
	}
	rpc := connect.NewServer(interceptors...)
	register(rpc)
	procedures := http.NewServeMux()
	connecthttp.Mount(procedures, rpc, append([]connecthttp.Option{
		connecthttp.WithCodecs(connectproto.NewBinaryCodec(), StrictJSON()),
		connecthttp.WithReadMaxBytes(int(m.config.MaxRequestBytes)),
	}, options...)...)
	return procedures
}

// limitExpanding refuses messages that are too large once they are decompressed. That
// is the one limit which Connect has to find out about; the body's comes before.
func (m *Mux) limitExpanding(next connect.ServerFunc) connect.ServerFunc {
	return func(ctx context.Context, spec connect.Spec, stream connect.ServerStream) error {
		if info, ok := connect.CallInfoForServerContext(ctx); ok && info.RequestEncoding != connect.CompressionNameIdentity {
			stream = expanding{stream, m.config.MaxRequestBytes}
		}
		return next(ctx, spec, stream)
	}
}

// expanding is a stream whose messages are compressed.
type expanding struct {
	connect.ServerStream

	limit int64
}

// Receive implements connect.ServerStream.
func (s expanding) Receive(message any) error {
	err := s.ServerStream.Receive(message)
	if err != nil && connect.CodeOf(err) == connect.CodeResourceExhausted {
		return TooLarge("the message, decompressed,", 0, s.limit)
	}
	return err
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
