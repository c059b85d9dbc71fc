package wire

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// connect reads a watch over Connect's streaming protocol and HTTP/1.1.
type connect struct {
	open      []byte
	head      head
	body      chunked
	envelopes envelopes
}

// NewConnect watches with binary messages; filter is CEL, or empty.
func NewConnect(w Watcher, filter string) Reader {
	return newConnect("application/connect+proto", watchRequest(filter), newResponses(w))
}

func watchRequest(filter string) []byte {
	request, err := proto.Marshal(&contactv1.WatchPersonsRequest{Filter: filter})
	if err != nil {
		panic(fmt.Sprintf("encode a request of our own: %v", err))
	}
	return request
}

// NewConnectJSON watches with messages in JSON.
func NewConnectJSON(w Watcher, filter string) Reader {
	request, err := protojson.Marshal(&contactv1.WatchPersonsRequest{Filter: filter})
	if err != nil {
		panic(fmt.Sprintf("encode a request of our own: %v", err))
	}
	return newConnect("application/connect+json", request, &jsonResponses{watcher: w})
}

func newConnect(contentType string, request []byte, m messages) *connect {
	c := &connect{head: head{status: "200"}, envelopes: envelopes{messages: m}}
	c.body.body = &c.envelopes
	c.open = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: %s\r\nConnect-Protocol-Version: 1\r\nContent-Length: %d\r\n\r\n",
		contactv1connect.WatchServiceWatchPersonsProcedure, contentType, envelopeHead+len(request))
	c.open = appendEnvelope(c.open, request)
	return c
}

func appendEnvelope(dst, message []byte) []byte {
	dst = append(dst, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(message))) //nolint:gosec // a request is short
	return append(dst, message...)
}

func (c *connect) Open() []byte { return c.open }

// Ready is after the first message: rollcall begins with its progress.
func (c *connect) Ready() bool { return c.envelopes.count > 0 }

func (c *connect) Feed(piece []byte) ([]byte, error) {
	if !c.head.done {
		body, err := c.head.feed(piece)
		if err != nil {
			return nil, err
		}
		piece = body
	}
	return nil, c.body.feed(piece)
}
