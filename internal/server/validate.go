package server

import (
	"errors"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/protobuf/proto"
)

// Validate holds what a plain route was sent to the rules that the interceptor
// holds RPCs to. The error is as the interceptor's: INVALID_ARGUMENT with
// buf.validate.Violations.
func Validate(validator protovalidate.Validator, request proto.Message) error {
	err := validator.Validate(request)
	if err == nil {
		return nil
	}
	refused := connect.NewError(connect.CodeInvalidArgument, err.Error()).WithCause(err)
	if violations, ok := errors.AsType[*protovalidate.ValidationError](err); ok {
		if detail, err := connectproto.NewErrorDetail(violations.ToProto()); err == nil {
			refused = refused.WithDetail(detail)
		}
	}
	return refused
}
