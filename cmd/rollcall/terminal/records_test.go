package terminal

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/format"
)

func TestNothingOfARecordActsOnATerminal(t *testing.T) {
	t.Parallel()

	event := personEvent(1, &contactv1.Person{Name: "A\x1b[2J\u202e\u200bda\r", Email: "a\u0085\n\u009b@example.org"})

	for name, encoding := range map[string]Encoding{"CSV": format.AppendCSV, "vCard": format.AppendVCard} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			shown, err := HarmlessEncoding(encoding)([]byte("before\n"), event)
			if err != nil || !bytes.HasPrefix(shown, []byte("before\n")) {
				t.Fatalf("got %q, %v", shown, err)
			}

			for line := range strings.Lines(string(shown)) {
				if line = strings.TrimRight(line, "\r\n"); Harmless(line) != line {
					t.Errorf("shown: %q", line)
				}
			}

			plain, err := encoding(nil, event)
			if err != nil || bytes.Count(plain, []byte("\n")) != bytes.Count(shown, []byte("\n"))-1 {
				t.Errorf("%q became %q, %v", plain, shown, err)
			}
		})
	}
}

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
