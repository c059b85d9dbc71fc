package subscriber

import (
	"bytes"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
)

// eventsField is the number of WatchPersonsResponse.events.
const eventsField protowire.Number = 1

// appendEvent appends the message as a WatchPersonsResponse with one entry in
// events. Encodings one after another merge, so a stretch of events is itself
// such a response.
func appendEvent(dst []byte, m stream.Message) []byte {
	event := read(m)
	dst = protowire.AppendTag(dst, eventsField, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(proto.Size(event))) //nolint:gosec // a size is not negative
	dst, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(dst, event)
	if err != nil {
		panic(fmt.Sprintf("encode event %d, whose texts were checked: %v", m.Sequence, err))
	}
	return dst
}

// read decodes the message; what is not a person is an event that says why.
func read(m stream.Message) *contactv1.PersonEvent {
	event := &contactv1.PersonEvent{Sequence: m.Sequence, PublishedAt: timestamppb.New(m.PublishedAt)}
	decoded, err := person.Decode(m.Payload)
	if err != nil {
		event.Payload = &contactv1.PersonEvent_Rejected{Rejected: &contactv1.Rejected{
			Reason: err.Error(),
			Size:   uint32(len(m.Payload)), //nolint:gosec // NATS carries at most 64 MiB
		}}
		return event
	}
	event.Payload = &contactv1.PersonEvent_Person{Person: decoded}
	return event
}

// jsonOf is the view of a log in JSON.
func jsonOf(dst []byte, _ uint64, event []byte) []byte { return appendJSON(dst, event) }

// appendJSON appends an encoded event as a JSON object and a comma, so that a
// stretch, less its last comma, is what stands in the brackets of "events".
func appendJSON(dst, event []byte) []byte {
	_, _, tag := protowire.ConsumeTag(event)
	body, _ := protowire.ConsumeBytes(event[tag:])
	decoded := &contactv1.PersonEvent{}
	if err := proto.Unmarshal(body, decoded); err != nil {
		panic(fmt.Sprintf("decode an event that was encoded here: %v", err))
	}
	return append(appendMessageJSON(dst, decoded), ',')
}

// appendMessageJSON appends a message as JSON, on one line. protojson puts in
// spaces at random; a message must always look the same.
func appendMessageJSON(dst []byte, msg proto.Message) []byte {
	text, err := protojson.Marshal(msg)
	if err != nil {
		panic(fmt.Sprintf("encode a message whose texts were checked: %v", err))
	}
	compact := bytes.NewBuffer(dst)
	if err := json.Compact(compact, text); err != nil {
		panic(fmt.Sprintf("compact JSON that was encoded here: %v", err))
	}
	return compact.Bytes()
}
