package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/centrifugal/protocol"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of Centrifuge's client protocol that are read.
const (
	fieldError   protowire.Number = 2 // Reply.error
	fieldPush    protowire.Number = 4 // Reply.push
	fieldConnect protowire.Number = 5 // Reply.connect
	fieldPub     protowire.Number = 4 // Push.pub
	fieldData    protowire.Number = 4 // Publication.data
)

// centrifuge reads Centrifuge's protocol in its binary form over WebSocket. The
// server subscribes whoever connects.
type centrifuge struct {
	head   head
	frames *frames
	cutter // of the replies in the frames

	watcher Watcher
	ready   bool
	answer  []byte
}

// NewCentrifuge connects to a server of Centrifuge.
func NewCentrifuge(w Watcher) Reader {
	c := &centrifuge{head: head{status: "101"}, watcher: w}
	c.format = c
	c.frames = newFrames(&c.cutter)
	return c
}

func (c *centrifuge) Open() []byte {
	return []byte("GET /connection/websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: centrifuge-protobuf\r\n\r\n")
}

func (c *centrifuge) Ready() bool { return c.ready }

func (c *centrifuge) Feed(piece []byte) ([]byte, error) {
	c.answer = c.answer[:0]
	if !c.head.done {
		body, err := c.head.feed(piece)
		if err != nil || !c.head.done {
			return nil, err
		}
		if err := c.command(&protocol.Command{Id: 1, Connect: &protocol.ConnectRequest{}}); err != nil {
			return nil, err
		}
		piece = body
	}
	err := c.frames.feed(piece)
	c.answer = append(c.answer, c.frames.pong...)
	c.frames.pong = c.frames.pong[:0]
	return c.answer, err
}

func (c *centrifuge) command(command *protocol.Command) error {
	encoded, err := protocol.NewProtobufCommandEncoder().Encode(command)
	if err != nil {
		return fmt.Errorf("encode a command: %w", err)
	}
	c.answer = appendFrame(c.answer, frameBinary, encoded)
	return nil
}

func (c *centrifuge) size(head []byte) (int, error) {
	length, n := binary.Uvarint(head)
	if n < 0 || length > 1<<30 {
		return 0, errFormat
	}
	if n == 0 {
		return 0, nil
	}
	return n + int(length), nil
}

func (c *centrifuge) item(reply []byte) error {
	_, n := binary.Uvarint(reply)
	reply = reply[n:]
	if len(reply) == 0 { // a ping is an empty reply, and an empty command its answer
		c.answer = appendFrame(c.answer, frameBinary, []byte{0})
		return nil
	}
	if push, ok := bytesField(reply, fieldPush); ok {
		publication, _ := bytesField(push, fieldPub)
		data, ok := bytesField(publication, fieldData)
		if !ok {
			return fmt.Errorf("%w: %q", ErrEnded, push)
		}
		return stamped(c.watcher, data)
	}
	if failure, ok := bytesField(reply, fieldError); ok {
		return fmt.Errorf("%w: %q", ErrEnded, failure)
	}
	_, c.ready = bytesField(reply, fieldConnect)
	return nil
}
