package server

import (
	"errors"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect/v2"
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
	if violations, ok := errors.AsType[*protovalidate.ValidationError](err); ok {
		return violated(violations)
	}
	return connect.NewError(connect.CodeInvalidArgument, err.Error()).WithCause(err)
}

// violated is the answer to what breaks rules.
func violated(err *protovalidate.ValidationError) *connect.Error {
	return WithDetail(connect.NewError(connect.CodeInvalidArgument, err.Error()).WithCause(err), err.ToProto())
}
