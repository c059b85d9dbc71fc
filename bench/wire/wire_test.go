package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/centrifugal/protocol"
	"golang.org/x/net/http2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"rollcall/bench/payload"
	contactv1 "rollcall/gen/contact/v1"
)

// The sequences sent: some take one byte, some two.
const (
	firstEvent = 113
	lastEvent  = 142
	events     = lastEvent - firstEvent + 1
)

// seen is a watcher that remembers.
type seen struct {
	sequences []uint64
	published []int64
}

func (s *seen) Saw(sequence uint64) bool {
	s.sequences = append(s.sequences, sequence)
	return true
}

func (s *seen) Sample(published int64) { s.published = append(s.published, published) }

// conversation is what a server sends, and what must be read from it.
type conversation struct {
	name string
	read func(Watcher) Reader
	sent []byte
	// answered is all that the client sends after its opening.
	answered string
}

func conversations(t *testing.T) []conversation {
	t.Helper()
	return []conversation{
		{name: "connect", read: func(w Watcher) Reader { return NewConnect(w, "") }, sent: connectSent(t, proto.Marshal)},
		{name: "connect-json", read: func(w Watcher) Reader { return NewConnectJSON(w, "") }, sent: connectSent(t, protojson.MarshalOptions{}.Marshal)},
		{name: "connect-gzip", read: func(w Watcher) Reader { return NewConnectGzip(w, "") }, sent: connectSent(t, gzipped)},
		{
			name: "connect-h2", read: func(w Watcher) Reader { return NewConnectHTTP2(w, "") }, sent: http2Sent(t),
			answered: "\x00\x00\x00\x04\x01\x00\x00\x00\x00" + "\x00\x00\x08\x06\x01\x00\x00\x00\x00pingpong",
		},
		{
			name: "centrifuge", read: NewCentrifuge, sent: centrifugeSent(t),
			answered: "\x82\x85\x00\x00\x00\x00\x04\x08\x01\x22\x00" + "\x82\x81\x00\x00\x00\x00\x00" + "\x8a\x84\x00\x00\x00\x00ping",
		},
		{name: "sse", read: NewSSE, sent: sseSent()},
		{name: "nats", read: NewNATS, sent: natsSent(), answered: "PONG\r\n"},
		{name: "raw", read: NewRaw, sent: rawSent()},
	}
}

// TestCutAnywhere reads each conversation cut into two at every byte, then into
// pieces of every small size.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, c := range conversations(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for at := range c.sent {
				c.check(t, [][]byte{c.sent[:at], c.sent[at:]})
			}
			for size := 1; size < 40; size++ {
				c.check(t, slices.Collect(slices.Chunk(c.sent, size)))
			}
		})
	}
}

func (c *conversation) check(t *testing.T, pieces [][]byte) {
	t.Helper()
	got := &seen{}
	r := c.read(got)
	if len(r.Open()) == 0 || r.Ready() {
		t.Fatal("it opens with nothing, or is ready before the server said so")
	}
	var answered []byte
	for _, piece := range pieces {
		answer, err := r.Feed(slices.Clone(piece)) // the buffer is used again
		if err != nil {
			t.Fatalf("cut at %d: %v", len(pieces[0]), err)
		}
		answered = append(answered, answer...)
	}
	if !r.Ready() {
		t.Fatalf("cut at %d: not ready", len(pieces[0]))
	}
	if len(got.sequences) != events || len(got.published) != events {
		t.Fatalf("cut at %d: %d events and %d times of %d", len(pieces[0]), len(got.sequences), len(got.published), events)
	}
	for i := range events {
		if got.sequences[i] != uint64(firstEvent+i) || got.published[i] != timeOf(firstEvent+i) {
			t.Fatalf("cut at %d: event %d is %d of %d", len(pieces[0]), firstEvent+i, got.sequences[i], got.published[i])
		}
	}
	if string(answered) != c.answered {
		t.Fatalf("cut at %d: answered %q, want %q", len(pieces[0]), answered, c.answered)
	}
}

func timeOf(sequence int) int64 { return 1_700_000_000_000_000_000 + int64(sequence) }

func stampOf(sequence int) []byte {
	event := payload.New()
	payload.Stamp(event, uint64(sequence), timeOf(sequence))
	return event
}

// responsesSent is a progress, then events, more and more in a response.
func responsesSent() []*contactv1.WatchPersonsResponse {
	sent := []*contactv1.WatchPersonsResponse{{Progress: &contactv1.Progress{Position: &contactv1.Position{Epoch: "1", Sequence: 7}}}}
	for next, size := firstEvent, 1; next <= lastEvent; size++ {
		response := &contactv1.WatchPersonsResponse{}
		for ; len(response.GetEvents()) < size && next <= lastEvent; next++ {
			response.Events = append(response.Events, &contactv1.PersonEvent{
				Sequence: uint64(next), PublishedAt: timestamppb.Now(),
				Payload: &contactv1.PersonEvent_Person{Person: &contactv1.Person{
					Name: string(stampOf(next)[:payload.StampSize]), Email: "ada@example.org",
				}},
			})
		}
		sent = append(sent, response)
	}
	return sent
}

func connectSent(t *testing.T, marshal func(proto.Message) ([]byte, error)) []byte {
	t.Helper()
	var body []byte
	for _, response := range responsesSent() {
		message, err := marshal(response)
		if err != nil {
			t.Fatal(err)
		}
		if message[0] == '{' {
			message = []byte(strings.ReplaceAll(string(message), " ", "")) // as rollcall does
		}
		body = appendEnvelope(body, message)
	}
	return chunkedSent("application/connect", body)
}

// gzipped is a message as it is compressed, but for the first, a progress.
func gzipped(message proto.Message) ([]byte, error) {
	plain, err := proto.Marshal(message)
	if response, ok := message.(*contactv1.WatchPersonsResponse); err != nil || !ok || response.GetProgress() != nil {
		return plain, err
	}
	var all bytes.Buffer
	w := gzip.NewWriter(&all)
	_, _ = w.Write(plain)
	err = w.Close()
	return all.Bytes(), err
}

// chunkedSent cuts a body into chunks without regard for what is in it.
func chunkedSent(contentType string, body []byte) []byte {
	sent := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n", contentType)
	for size := 1; len(body) > 0; size += 7 {
		n := min(size, len(body))
		sent = fmt.Appendf(sent, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return sent
}

func http2Sent(t *testing.T) []byte {
	t.Helper()
	var out strings.Builder
	framer := http2.NewFramer(&out, nil)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(framer.WriteSettings())
	must(framer.WriteSettingsAck())
	must(framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x88}, EndHeaders: true}))
	must(framer.WritePing(false, [8]byte([]byte("pingpong"))))
	var body []byte
	for _, response := range responsesSent() {
		message, err := proto.Marshal(response)
		must(err)
		body = appendEnvelope(body, message)
	}
	for piece := range slices.Chunk(body, 999) {
		must(framer.WriteData(1, false, piece))
	}
	return []byte(out.String())
}

func centrifugeSent(t *testing.T) []byte {
	t.Helper()
	sent := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
	sent = frameSent(sent, frameBinary, replySent(t, &protocol.Reply{Id: 1, Connect: &protocol.ConnectResult{Client: "c"}}))
	sent = frameSent(sent, frameBinary, []byte{0}) // a ping of Centrifuge's
	sent = frameSent(sent, framePing, []byte("ping"))
	// Frames of one event, of a few, and of so many that the length takes 8 bytes.
	var replies []byte
	for next := firstEvent; next <= lastEvent; next++ {
		replies = append(replies, replySent(t, &protocol.Reply{Push: &protocol.Push{
			Channel: "persons", Pub: &protocol.Publication{Data: stampOf(next)},
		}})...)
		if next == firstEvent || next == firstEvent+4 || next == lastEvent {
			sent = frameSent(sent, frameBinary, replies)
			replies = nil
		}
	}
	return sent
}

func replySent(t *testing.T, reply *protocol.Reply) []byte {
	t.Helper()
	encoded, err := protocol.NewProtobufReplyEncoder().Encode(reply)
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.AppendUvarint(nil, uint64(len(encoded))), encoded...)
}

func frameSent(dst []byte, opcode byte, message []byte) []byte {
	dst = append(dst, opcode)
	switch n := len(message); {
	case n < 126:
		dst = append(dst, byte(n))
	case n < 1000: // the shorter form is allowed, the longer one must be read too
		dst = binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
	}
	return append(dst, message...)
}

func sseSent() []byte {
	body := []byte(":\n")
	for next := firstEvent; next <= lastEvent; next++ {
		body = fmt.Appendf(body, "id: %d\ndata: %s\n\n", next, stampOf(next))
		if next == firstEvent+1 {
			body = append(body, ":\n\n"...)
		}
	}
	return chunkedSent("text/event-stream", body)
}

func natsSent() []byte {
	sent := []byte("INFO {\"server_id\":\"x\"}\r\nPONG\r\nPING\r\n+OK\r\n")
	for next := firstEvent; next <= lastEvent; next++ {
		sent = fmt.Appendf(sent, "MSG persons 1 %d\r\n%s\r\n", payload.Size, stampOf(next))
	}
	return sent
}

func rawSent() []byte {
	sent := []byte("\n")
	for next := firstEvent; next <= lastEvent; next++ {
		sent = append(sent, stampOf(next)...)
	}
	return sent
}

func TestEndsAreSeen(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n\r\n"
	connect := func(w Watcher) Reader { return NewConnect(w, "") }
	for name, test := range map[string]struct {
		read func(Watcher) Reader
		sent string
		says string
	}{
		"connect refuses":     {connect, "HTTP/1.1 415 Unsupported Media Type\r\n\r\n", "415"},
		"connect ends":        {connect, ok + "13\r\n\x02\x00\x00\x00\x0e{\"error\":\"why\"\r\n", "why"},
		"no more chunks":      {connect, ok + "0\r\n", "ended"},
		"a gap":               {connect, ok + "9\r\n\x00\x00\x00\x00\x04\x1a\x02\x08\x01\r\n", "missing"},
		"no chunk":            {connect, ok + "xyz", "protocol"},
		"an unknown flag":     {connect, ok + "5\r\n\x04\x00\x00\x00\x04\r\n", "protocol"},
		"half an event":       {connect, ok + "7\r\n\x00\x00\x00\x00\x02\x0a\x05\r\n", "protocol"},
		"centrifuge refuses":  {NewCentrifuge, "HTTP/1.1 400 Bad Request\r\n\r\n", "400"},
		"centrifuge ends":     {NewCentrifuge, "HTTP/1.1 101 Yes\r\n\r\n\x88\x06\x0b\xb8slow", "slow"},
		"centrifuge in error": {NewCentrifuge, "HTTP/1.1 101 Yes\r\n\r\n\x82\x06\x05\x12\x03\x12\x01x", "x"},
		"a text frame":        {NewCentrifuge, "HTTP/1.1 101 Yes\r\n\r\n\x81\x01x", "protocol"},
		"nats refuses":        {NewNATS, "-ERR 'Slow Consumer'\r\n", "Slow Consumer"},
		"no stamp":            {NewSSE, ok + "e\r\ndata: nothing\n\r\n1\r\n\n\r\n", "protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.read(&seen{}).Feed([]byte(test.sent))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want an error that says %q", err, test.says)
			}
			if !errors.Is(err, ErrEnded) && !errors.Is(err, errFormat) {
				t.Errorf("%v is neither an end nor wrong bytes", err)
			}
		})
	}
}
