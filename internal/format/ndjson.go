package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/jsonmistakes"
)

// ndjsonReader reads persons in the API's JSON, one a line. Blank lines and those
// that begin with #, as a file of rejected rows has them, are passed over.
type ndjsonReader struct {
	lines lines
}

func (n *ndjsonReader) Next() (Row, error) {
	for {
		text, err := n.lines.next()

		switch {
		case errors.Is(err, errLongRow):
			return Row{Line: n.lines.line, Err: errLongRow}, nil
		case err != nil:
			return Row{}, err
		}

		text = bytes.TrimSpace(text)
		if len(text) == 0 || text[0] == '#' {
			continue
		}

		person, err := parseJSON(text)

		return Row{Line: n.lines.line, Raw: bytes.Clone(text), Person: person, Err: err}, nil
	}
}

func (*ndjsonReader) Preface() []byte { return nil }

func (*ndjsonReader) AppendRejected(to []byte, row Row, why string) []byte {
	to = fmt.Appendf(to, "# line %d: %s\n", row.Line, why)
	if row.Raw == nil {
		return to
	}

	return append(append(to, row.Raw...), '\n')
}

// parseJSON reads one person. A field that the API does not know is an error, so
// that a typo loses nothing.
func parseJSON(text []byte) (*contactv1.Person, error) {
	if text[0] != '{' {
		return nil, errors.New("not a JSON object")
	}

	if err := readable(text); err != nil {
		return nil, err
	}

	var person contactv1.Person

	if protojson.Unmarshal(text, &person) == nil {
		return &person, nil
	}

	// A watch's output is of events.
	var event contactv1.PersonEvent
	if protojson.Unmarshal(text, &event) == nil && event.GetSequence() > 0 {
		return ofEvent(&event)
	}

	return nil, mistakes(text, &person)
}

func ofEvent(event *contactv1.PersonEvent) (*contactv1.Person, error) {
	if event.GetPerson() == nil {
		return nil, errors.New("an event without a person")
	}

	return event.GetPerson(), nil
}

// mistakes says what is wrong with a text that is no such message.
func mistakes(text []byte, message proto.Message) error {
	found := jsonmistakes.Find(text, message.ProtoReflect().Descriptor())

	all := make([]string, len(found.Violations))
	for i, violation := range found.Violations {
		all[i] = violation.String()
	}

	return errors.New(strings.Join(all, "; "))
}
