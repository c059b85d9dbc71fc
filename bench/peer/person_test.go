package peer

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"rollcall/bench/payload"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
)

func TestMouldMakesThePersonOfTheStamp(t *testing.T) {
	t.Parallel()
	m, err := newMould()
	if err != nil {
		t.Fatal(err)
	}
	event := payload.New()
	payload.Stamp(event, 7, 8)
	got, err := person.Decode(m.cast(event))
	if err != nil {
		t.Fatal(err)
	}
	if want := stampedPerson(event[:payload.StampSize]); !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestEventsAreAsLarge compares what all systems carry with an event of rollcall's.
func TestEventsAreAsLarge(t *testing.T) {
	t.Parallel()
	size := proto.Size(&contactv1.WatchPersonsResponse{Events: []*contactv1.PersonEvent{{
		Sequence: 100_000, PublishedAt: timestamppb.Now(),
		Payload: &contactv1.PersonEvent_Person{Person: stampedPerson(payload.New()[:payload.StampSize])},
	}}})
	if size < payload.Size-3 || size > payload.Size+3 {
		t.Errorf("an event of rollcall's is %d bytes, the others' %d", size, payload.Size)
	}
}
