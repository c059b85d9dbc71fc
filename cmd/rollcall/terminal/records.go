package terminal

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	contactv1 "rollcall/gen/contact/v1"
)

// Records prints a record a person, in a form that has none for anything else: what
// else happens is said to people.
type Records struct {
	out      *bufio.Writer
	encoding Encoding
	notice   func(line string)
	record   []byte
}

// Encoding appends an event's person as a record.
type Encoding func(to []byte, event *contactv1.PersonEvent) ([]byte, error)

// HarmlessEncoding makes the records' lines harmless, for a terminal: elsewhere they are
// data, and stay as they are.
func HarmlessEncoding(encoding Encoding) Encoding {
	return func(to []byte, event *contactv1.PersonEvent) ([]byte, error) {
		lines, err := encoding(nil, event)

		for line := range bytes.Lines(lines) {
			text := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			to = append(to, Harmless(string(text))...)
			to = append(to, line[len(text):]...)
		}

		return to, err
	}
}

// NewRecords returns a printer to out, which begins with a header, if there is one.
// notice tells of what is no person, one line at a time.
func NewRecords(out io.Writer, header []byte, encoding Encoding, notice func(line string)) *Records {
	r := &Records{out: bufio.NewWriter(out), encoding: encoding, notice: notice}
	_, _ = r.out.Write(header) // the writer keeps its error

	return r
}

// Event prints a person, and says that a message was rejected.
func (r *Records) Event(event *contactv1.PersonEvent) (err error) {
	if rejected := event.GetRejected(); rejected != nil {
		r.notice(fmt.Sprintf("no record of sequence %d, which was rejected: %s (%d bytes)",
			event.GetSequence(), Harmless(rejected.GetReason()), rejected.GetSize()))

		return nil
	}

	if r.record, err = r.encoding(r.record[:0], event); err != nil {
		return err
	}

	// Whole records leave, so that a watch that is killed does not end in half of one.
	if len(r.record) > r.out.Available() {
		if err := r.out.Flush(); err != nil {
			return err
		}
	}

	_, err = r.out.Write(r.record)

	return err
}

// Gap says what is missing.
func (r *Records) Gap(gap *contactv1.Gap) error {
	r.notice(describeGap(gap))

	return nil
}

// Progress prints nothing.
func (*Records) Progress(*contactv1.Progress) error { return nil }

// Flush writes out the records so far.
func (r *Records) Flush() error {
	return r.out.Flush()
}
