package wire

import (
	"encoding/binary"
	"fmt"
)

// The opcodes of WebSocket frames, with the bit that says that the message ends.
const (
	frameBinary = 0x82
	frameClose  = 0x88
	framePing   = 0x89
	framePong   = 0x8a

	masked = 0x80 // a client must, though zeros will do
)

// frames takes WebSocket's framing off what a server sends: frames that are whole
// messages, and not masked.
type frames struct {
	cutter

	messages sink
	pong     []byte
}

func newFrames(messages sink) *frames {
	f := &frames{messages: messages}
	f.format = f
	return f
}

func (f *frames) size(head []byte) (int, error) {
	header, length, ok := frameLength(head)
	if !ok {
		return 0, nil
	}
	return header + length, nil
}

func frameLength(head []byte) (header, length int, ok bool) {
	const short, medium, long = 2, 4, 10
	if len(head) < short {
		return 0, 0, false
	}
	switch length := int(head[1]); {
	case length < 126:
		return short, length, true
	case length == 126 && len(head) >= medium:
		return medium, int(binary.BigEndian.Uint16(head[2:])), true
	case length == 127 && len(head) >= long:
		return long, int(binary.BigEndian.Uint32(head[6:])), true // none is 4 GiB long
	}
	return 0, 0, false
}

func (f *frames) item(frame []byte) error {
	header, _, _ := frameLength(frame)
	switch frame[0] {
	case frameBinary:
		return f.messages.feed(frame[header:])
	case framePing:
		f.pong = appendFrame(f.pong, framePong, frame[header:])
		return nil
	case frameClose:
		return fmt.Errorf("%w: %q", ErrEnded, frame[min(header+2, len(frame)):])
	default:
		return errFormat
	}
}

// appendFrame appends a short frame as a client sends it.
func appendFrame(dst []byte, opcode byte, message []byte) []byte {
	dst = append(dst, opcode, masked|byte(len(message)), 0, 0, 0, 0) //nolint:gosec // what we send is shorter than 126
	return append(dst, message...)
}
