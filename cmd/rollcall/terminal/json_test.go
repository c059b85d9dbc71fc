package terminal

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

func TestJSONLines(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	printer := NewJSON(&out, true)
	show := []error{
		printer.Progress(progress("e1", 0)),
		printer.Event(personEvent(1, &contactv1.Person{Name: "Ada <3", Phones: []*contactv1.PhoneNumber{{Number: "110", Type: contactv1.PhoneType_PHONE_TYPE_WORK}}})),
		printer.Gap(&contactv1.Gap{First: 2, Last: 3, Reason: contactv1.GapReason_GAP_REASON_DELETED}),
		printer.Flush(),
	}

	for _, err := range show {
		if err != nil {
			t.Fatal(err)
		}
	}

	want := `{"progress":{"position":{"epoch":"e1"},"source":"SOURCE_CONNECTED"}}
{"sequence":"1","publishedAt":"2026-05-17T08:00:00Z","person":{"name":"Ada <3","phones":[{"number":"110","type":"PHONE_TYPE_WORK"}]}}
{"gap":{"first":"2","last":"3","reason":"GAP_REASON_DELETED"}}
`
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestProgressIsPrintedOnlyWhenWanted(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	printer := NewJSON(&out, false)
	if err := printer.Progress(progress("e1", 0)); err != nil {
		t.Fatal(err)
	}

	if err := printer.Flush(); err != nil || out.Len() != 0 {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}

func TestJSONIsSafeToShowAndStillTheSame(t *testing.T) {
	t.Parallel()

	person := &contactv1.Person{Name: "\x1b[2J\u009b31m\x7f\u202e\u2028\u0085\u200b\ufeff\U000e0041 \\u009b می\u200cخواهم 👩‍👧 ok"}

	line, err := MarshalJSON(person)
	if err != nil {
		t.Fatal(err)
	}

	if shown := Harmless(string(line)); shown != string(line) || !strings.Contains(shown, "👩‍👧") {
		t.Errorf("%s is to be shown as %s", line, shown)
	}

	var read contactv1.Person
	if err := protojson.Unmarshal(line, &read); err != nil || !proto.Equal(&read, person) {
		t.Errorf("read back as %v, %v", &read, err)
	}
}
