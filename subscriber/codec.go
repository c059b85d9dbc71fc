package subscriber

import (
	"context"
	"io"

	"connectrpc.com/connect/v2"
)

// events is a stretch of encoded events on its way to a watcher, shared with all
// the others: a WatchPersonsResponse in binary, or the inside of its JSON array.
type events []byte

// What stands around events, each followed by a comma, in a response in JSON.
var jsonBegin, jsonEnd = []byte(`{"events":[`), []byte(`]}`) //nolint:gochecknoglobals // constants, if Go had such

// writeResponse writes a response of shared events in an encoding of the RPC.
func writeResponse(dst io.Writer, shared []byte, chosen encoding) error {
	if chosen != inJSON {
		_, err := dst.Write(shared)
		return err
	}
	for _, part := range [...][]byte{jsonBegin, shared[:len(shared)-1], jsonEnd} {
		if _, err := dst.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// binaryCodec writes what is encoded as it is, and everything else as its codec
// does.
type binaryCodec struct{ connect.Codec }

func (c binaryCodec) MarshalWrite(ctx context.Context, dst io.Writer, msg any) error {
	switch msg := msg.(type) {
	case events:
		return writeResponse(dst, msg, inBinary)
	case packed:
		_, err := dst.Write(msg)
		return err
	}
	return c.Codec.MarshalWrite(ctx, dst, msg)
}

// jsonCodec is the same for JSON.
type jsonCodec struct{ connect.Codec }

func (c jsonCodec) MarshalWrite(ctx context.Context, dst io.Writer, msg any) error {
	switch msg := msg.(type) {
	case events:
		return writeResponse(dst, msg, inJSON)
	case packed:
		_, err := dst.Write(msg)
		return err
	}
	var err error
	apart(func() { err = c.Codec.MarshalWrite(ctx, dst, msg) })
	return err
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
