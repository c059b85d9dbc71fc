package clients

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Flags of a frame. Connect and gRPC-Web mark their last one differently.
const (
	ConnectEnd   = 0x02
	grpcWebEnd   = 0x80
	frameHeading = 5
)

// Frame is the envelope of Connect streams, gRPC and gRPC-Web: a byte of flags,
// four of length, and the message.
type Frame struct {
	Flags   byte
	Payload []byte
}

// Bytes are the frame as it is sent.
func (f Frame) Bytes() []byte {
	heading := binary.BigEndian.AppendUint32([]byte{f.Flags}, uint32(len(f.Payload)))

	return append(heading, f.Payload...)
}

// ReadFrame reads the next.
func ReadFrame(reader io.Reader) (Frame, error) {
	heading := make([]byte, frameHeading)
	if _, err := io.ReadFull(reader, heading); err != nil {
		return Frame{}, fmt.Errorf("read a frame's heading: %w", err)
	}

	payload := make([]byte, binary.BigEndian.Uint32(heading[1:]))
	_, err := io.ReadFull(reader, payload)

	return Frame{heading[0], payload}, err
}
