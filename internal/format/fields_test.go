package format

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person/persontest"
)

// exceptions are the fields that a format does not carry, such as "vcard nickname",
// each with the reason.
var exceptions = map[string]string{}

// TestEachFieldIsInEachFormat writes persons that differ in one field and reads them
// again. A field that a format does not carry is an exception with a reason.
func TestEachFieldIsInEachFormat(t *testing.T) {
	t.Parallel()

	known := map[string]bool{}

	for _, field := range persontest.Fields(new(contactv1.Person)) {
		if field.Holder() {
			continue // it is there where what it holds is
		}

		for format, write := range writers {
			key := string(format) + " " + field.Path
			known[key] = true

			_, exception := exceptions[key]

			switch carried := carries(t, field, format, write); {
			case carried && exception:
				t.Errorf("%s carries %s: it is no exception any more", format, field.Path)
			case !carried && !exception:
				t.Errorf("%s loses %s: write and read it, or say in exceptions why not", format, field.Path)
			}
		}
	}

	for key := range exceptions {
		if !known[key] {
			t.Errorf("%q is no format and field, so it can be no exception", key)
		}
	}
}

// writers write an event's person in each format.
var writers = map[Format]func(*contactv1.PersonEvent) ([]byte, error){
	NDJSON: func(event *contactv1.PersonEvent) ([]byte, error) { return protojson.Marshal(event) },
	CSV:    func(event *contactv1.PersonEvent) ([]byte, error) { return AppendCSV(CSVHeader(), event) },
	VCard:  func(event *contactv1.PersonEvent) ([]byte, error) { return AppendVCard(nil, event) },
}

// carries reports whether each of the field's values is read as it was written.
func carries(t *testing.T, field persontest.Field, format Format, write func(*contactv1.PersonEvent) ([]byte, error)) bool {
	t.Helper()

	for _, value := range field.Values() {
		want := field.With(persontest.Full(), value)

		text, err := write(event(want))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}

		reader, err := NewReader(strings.NewReader(string(text)), format, nil)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}

		if row, err := reader.Next(); err != nil || !field.Same(row.Person, want) {
			t.Logf("%s: got %v (%v, %v), want %v", format, row.Person, row.Err, err, want)

			return false
		}
	}

	return true
}
