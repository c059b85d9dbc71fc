package subscriber

import (
	"context"
	"io"

	"connectrpc.com/connect/v2"
)

// events is a stretch of encoded events on its way to a watcher, shared with all
// the others: a WatchPersonsResponse in binary, or the inside of its JSON array.
type events []byte

// binaryCodec writes events as they are, and everything else as its codec does.
type binaryCodec struct{ connect.Codec }

func (c binaryCodec) MarshalWrite(ctx context.Context, dst io.Writer, msg any) error {
	shared, ok := msg.(events)
	if !ok {
		return c.Codec.MarshalWrite(ctx, dst, msg) //nolint:wrapcheck // the caller wraps
	}
	_, err := dst.Write(shared)
	return err //nolint:wrapcheck // Connect wants the writer's error as it is
}

// jsonCodec puts events, each followed by a comma, into the response's array.
type jsonCodec struct{ connect.Codec }

func (c jsonCodec) MarshalWrite(ctx context.Context, dst io.Writer, msg any) error {
	shared, ok := msg.(events)
	if !ok {
		var err error
		apart(func() { err = c.Codec.MarshalWrite(ctx, dst, msg) })
		return err //nolint:wrapcheck // the caller wraps
	}
	for _, part := range [][]byte{[]byte(`{"events":[`), shared[:len(shared)-1], []byte(`]}`)} {
		if _, err := dst.Write(part); err != nil {
			return err //nolint:wrapcheck // Connect wants the writer's error as it is
		}
	}
	return nil
}

// apart encodes on a stack of its own. That of protobuf's JSON is deep, and every
// idle watcher would keep as much for its next progress.
func apart(encode func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		encode()
	}()
	<-done
}
