package wire

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of contact.v1 that are read, as they stand in an encoded message.
const (
	tagEvents   = 1<<3 | byte(protowire.BytesType)  // WatchPersonsResponse.events
	tagProgress = 2<<3 | byte(protowire.BytesType)  // WatchPersonsResponse.progress
	tagSequence = 1<<3 | byte(protowire.VarintType) // PersonEvent.sequence

	fieldPerson protowire.Number = 3 // PersonEvent.person
	fieldName   protowire.Number = 1 // Person.name
)

// responses reads encoded contact.v1.WatchPersonsResponse messages, field by
// field: of an event it looks at the sequence alone, unless its time is wanted.
type responses struct {
	cutter

	watcher Watcher
}

func newResponses(w Watcher) *responses {
	r := &responses{watcher: w}
	r.format = r
	return r
}

func (r *responses) size(head []byte) (int, error) {
	length, n := binary.Uvarint(head[1:])
	if n < 0 || length > 1<<30 {
		return 0, errFormat
	}
	if n == 0 {
		return 0, nil
	}
	return 1 + n + int(length), nil
}

func (r *responses) item(field []byte) error {
	switch field[0] {
	case tagEvents:
		_, n := binary.Uvarint(field[1:])
		return r.event(field[1+n:])
	case tagProgress:
		return nil
	default:
		return fmt.Errorf("%w: field %d of a response, which says that events are missing", errFormat, field[0]>>3)
	}
}

func (r *responses) event(event []byte) error {
	if len(event) == 0 || event[0] != tagSequence {
		return errFormat
	}
	sequence, n := binary.Uvarint(event[1:])
	if n <= 0 {
		return errFormat
	}
	if !r.watcher.Saw(sequence) {
		return nil
	}
	person, ok := bytesField(event, fieldPerson)
	if !ok {
		return fmt.Errorf("%w: event %d is no person", errFormat, sequence)
	}
	name, _ := bytesField(person, fieldName)
	return sample(r.watcher, name)
}

func (r *responses) end() error {
	if !r.whole() {
		return errFormat
	}
	return nil
}

// bytesField finds the first field of a number in an encoded message.
func bytesField(message []byte, wanted protowire.Number) ([]byte, bool) {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, false
		}
		message = message[n:]
		if number == wanted && kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(message)
			return value, n >= 0
		}
		n = protowire.ConsumeFieldValue(number, kind, message)
		if n < 0 {
			return nil, false
		}
		message = message[n:]
	}
	return nil, false
}
