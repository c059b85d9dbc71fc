package terminal

import (
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func personEvent(sequence uint64, person *contactv1.Person) *contactv1.PersonEvent {
	return &contactv1.PersonEvent{
		Sequence:    sequence,
		PublishedAt: timestamppb.New(time.Date(2026, 5, 17, 8, 0, 0, 0, time.UTC)),
		Payload:     &contactv1.PersonEvent_Person{Person: person},
	}
}

func progress(epoch string, sequence uint64) *contactv1.Progress {
	return &contactv1.Progress{
		Position: &contactv1.Position{Epoch: epoch, Sequence: sequence},
		Head:     sequence,
		Source:   contactv1.Source_SOURCE_CONNECTED,
	}
}
