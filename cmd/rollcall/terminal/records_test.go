package terminal

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
)

func TestRecordsSayWhatHasNone(t *testing.T) {
	t.Parallel()

	var (
		out     bytes.Buffer
		notices []string
	)

	records := NewRecords(&out, []byte("header\n"), func(to []byte, event *contactv1.PersonEvent) ([]byte, error) {
		return append(append(to, event.GetPerson().GetName()...), '\n'), nil
	}, func(line string) { notices = append(notices, line) })

	gone := &contactv1.Gap{First: 3, Last: 4, Reason: contactv1.GapReason_GAP_REASON_DELETED}
	err := errors.Join(
		records.Event(personEvent(1, &contactv1.Person{Name: "Ada"})),
		records.Event(&contactv1.PersonEvent{Sequence: 2, Payload: &contactv1.PersonEvent_Rejected{
			Rejected: &contactv1.Rejected{Reason: "not\x1bcapnp", Size: 7},
		}}),
		records.Gap(gone),
		records.Progress(nil),
		records.Event(personEvent(5, &contactv1.Person{Name: "Bea"})),
		records.Flush(),
	)

	if err != nil || out.String() != "header\nAda\nBea\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}

	want := []string{
		"no record of sequence 2, which was rejected: not␛capnp (7 bytes)",
		describeGap(gone),
	}
	if !slices.Equal(notices, want) {
		t.Errorf("noticed %q, want %q", notices, want)
	}
}
