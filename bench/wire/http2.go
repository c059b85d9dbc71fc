package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

const frameHead = 9

// connectHTTP2 reads a watch over Connect's streaming protocol and HTTP/2 without
// TLS, on a connection of its own. It opens windows so wide that none needs
// moving while we measure.
type connectHTTP2 struct {
	cutter

	open      []byte
	envelopes envelopes
	answer    []byte
}

// NewConnectHTTP2 watches with binary messages over HTTP/2.
func NewConnectHTTP2(w Watcher, filter string) Reader {
	request, err := proto.Marshal(&contactv1.WatchPersonsRequest{Filter: filter})
	if err != nil {
		panic(fmt.Sprintf("encode a request of our own: %v", err))
	}
	c := &connectHTTP2{open: openHTTP2(request), envelopes: envelopes{messages: newResponses(w)}}
	c.format = c
	return c
}

func openHTTP2(request []byte) []byte {
	var out, fields bytes.Buffer
	encoder := hpack.NewEncoder(&fields)
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "http"},
		{Name: ":authority", Value: "bench"},
		{Name: ":path", Value: contactv1connect.WatchServiceWatchPersonsProcedure},
		{Name: "content-type", Value: "application/connect+proto"},
		{Name: "connect-protocol-version", Value: "1"},
	} {
		mustWrite(encoder.WriteField(f))
	}
	out.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&out, nil)
	mustWrite(framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: math.MaxInt32}))
	mustWrite(framer.WriteWindowUpdate(0, math.MaxInt32-1<<16))
	mustWrite(framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: fields.Bytes(), EndHeaders: true}))
	mustWrite(framer.WriteData(1, true, appendEnvelope(nil, request)))
	return out.Bytes()
}

func mustWrite(err error) {
	if err != nil {
		panic(fmt.Sprintf("write to memory: %v", err))
	}
}

func (c *connectHTTP2) Open() []byte { return c.open }

func (c *connectHTTP2) Ready() bool { return c.envelopes.count > 0 }

func (c *connectHTTP2) Feed(piece []byte) ([]byte, error) {
	c.answer = c.answer[:0]
	err := c.feed(piece)
	return c.answer, err
}

func (c *connectHTTP2) size(head []byte) (int, error) {
	if len(head) < frameHead {
		return 0, nil
	}
	return frameHead + int(binary.BigEndian.Uint32(head)>>8), nil
}

func (c *connectHTTP2) item(frame []byte) error {
	kind, flags := http2.FrameType(frame[3]), http2.Flags(frame[4])
	switch kind {
	case http2.FrameData:
		return c.envelopes.feed(frame[frameHead:])
	case http2.FrameHeaders:
		if flags.Has(http2.FlagHeadersEndStream) {
			return ErrEnded
		}
	case http2.FrameSettings:
		if !flags.Has(http2.FlagSettingsAck) {
			c.answer = append(c.answer, 0, 0, 0, byte(http2.FrameSettings), byte(http2.FlagSettingsAck), 0, 0, 0, 0)
		}
	case http2.FramePing:
		if !flags.Has(http2.FlagPingAck) {
			c.answer = append(append(c.answer, frame[:4]...), byte(http2.FlagPingAck))
			c.answer = append(c.answer, frame[5:]...)
		}
	case http2.FrameRSTStream, http2.FrameGoAway:
		return fmt.Errorf("%w: %s", ErrEnded, kind)
	default:
	}
	return nil
}
