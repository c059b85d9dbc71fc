package server

import (
	"bytes"
	"context"
	"errors"
	"io"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/protobuf/proto"

	"rollcall/internal/jsonmistakes"
)

// StrictJSON is the JSON codec of our RPCs. A field that the API does not have is
// refused as INVALID_ARGUMENT, naming it: a typo must not lose data. Protobuf
// keeps to its own rule, which lets newer clients send what an older server does
// not know. What is wrong is told as a violation, like what breaks a rule.
func StrictJSON() connect.Codec {
	json := connectproto.NewJSONCodec()
	json.UnmarshalOptions.DiscardUnknown = false
	return strictJSON{json}
}

type strictJSON struct{ *connectproto.JSONCodec }

// UnmarshalRead implements connect.Codec.
func (c strictJSON) UnmarshalRead(ctx context.Context, src io.Reader, msg any) error {
	message, ok := msg.(proto.Message)
	if !ok {
		return c.JSONCodec.UnmarshalRead(ctx, src, msg) // it says so
	}
	text, err := whole(src)
	if err != nil {
		return err
	}
	if c.UnmarshalOptions.Unmarshal(text, message) == nil {
		return nil
	}
	return &unreadable{violated(jsonmistakes.Find(text, message.ProtoReflect().Descriptor()))}
}

// Binary is the Protobuf codec of our RPCs.
func Binary() connect.Codec { return binaryCodec{connectproto.NewBinaryCodec()} }

type binaryCodec struct{ *connectproto.BinaryCodec }

// UnmarshalRead implements connect.Codec.
func (c binaryCodec) UnmarshalRead(ctx context.Context, src io.Reader, msg any) error {
	err := c.BinaryCodec.UnmarshalRead(ctx, src, msg)
	if message, ok := msg.(proto.Message); ok && errors.Is(err, proto.Error) {
		return &unreadable{connect.Errorf(connect.CodeInvalidArgument,
			"the message is not %s in Protobuf's binary form, or has a string that is not UTF-8", message.ProtoReflect().Descriptor().FullName()).WithCause(err)}
	}
	return err
}

// whole returns all that is in a reader, which mostly is a buffer.
func whole(src io.Reader) ([]byte, error) {
	if buffer, ok := src.(*bytes.Buffer); ok {
		return buffer.Bytes(), nil
	}
	return io.ReadAll(src)
}

// unreadable says that a request is no message. Connect puts words of its own before a
// codec's; the answer has ours alone.
type unreadable struct{ answer *connect.Error }

// Error implements error.
func (u *unreadable) Error() string { return u.answer.Message() }
