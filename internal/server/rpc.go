package server

import (
	"context"
	"errors"
	"net/http"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/validate"
)

// Connect returns the handler of the RPCs that register adds, by Connect, gRPC and
// gRPC-Web, in [Binary] and [StrictJSON]. A method sees only requests that keep the
// validator's rules; nil has none. The options are for what differs.
func (m *Mux) Connect(validator protovalidate.Validator, register func(*connect.Server), options ...connecthttp.Option) http.Handler {
	interceptors := []connect.ServerInterceptor{m.answering}
	if validator != nil {
		interceptors = append(interceptors, validate.NewServerInterceptor(validate.WithValidator(validator)))
	}
	rpc := connect.NewServer(interceptors...)
	register(rpc)
	procedures := http.NewServeMux()
	connecthttp.Mount(procedures, rpc, append([]connecthttp.Option{
		connecthttp.WithCodecs(Binary(), StrictJSON()),
		connecthttp.WithReadMaxBytes(int(m.config.MaxRequestBytes)),
	}, options...)...)
	return procedures
}

// answering gives the answers that Connect has other words for: a request that is no
// message, and one that is too large once it is decompressed, which alone of the
// limits is for Connect to find out.
func (m *Mux) answering(next connect.ServerFunc) connect.ServerFunc {
	return func(ctx context.Context, spec connect.Spec, stream connect.ServerStream) error {
		if info, ok := connect.CallInfoForServerContext(ctx); ok && info.RequestEncoding != connect.CompressionNameIdentity {
			stream = expanding{stream, m.config.MaxRequestBytes}
		}
		err := next(ctx, spec, stream)
		if request, ok := errors.AsType[*unreadable](err); ok {
			return request.answer
		}
		return err
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
