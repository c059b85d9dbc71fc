package payload

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
)

func TestMouldMakesThePersonOfTheStamp(t *testing.T) {
	t.Parallel()
	m, err := NewMould()
	if err != nil {
		t.Fatal(err)
	}
	event := New()
	Stamp(event, 7, 8)
	got, err := person.Decode(m.Cast(event))
	if err != nil {
		t.Fatal(err)
	}
	if want := Person(event[:StampSize]); !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestEventsAreAsLarge compares what all systems carry with an event of rollcall's.
func TestEventsAreAsLarge(t *testing.T) {
	t.Parallel()
	size := proto.Size(&contactv1.WatchPersonsResponse{Events: []*contactv1.PersonEvent{{
		Sequence: 100_000, PublishedAt: timestamppb.Now(),
		Payload: &contactv1.PersonEvent_Person{Person: Person(New()[:StampSize])},
	}}})
	if size < Size-3 || size > Size+3 {
		t.Errorf("an event of rollcall's is %d bytes, the others' %d", size, Size)
	}
}
