package format

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	contactv1 "rollcall/gen/contact/v1"
)

// csvReader reads a person a record, the columns being what the header says.
type csvReader struct {
	records  *csv.Reader
	recorded *recorder
	columns  []column
	header   []byte
	// line is the last row's.
	line int
}

func newCSVReader(in *bufio.Reader, columns Columns) (*csvReader, error) {
	recorded := &recorder{in: in}
	records := csv.NewReader(recorded)
	records.Comma = delimiterOf(in)
	records.FieldsPerRecord = -1
	records.ReuseRecord = true
	r := &csvReader{records: records, recorded: recorded}

	var broken *csv.ParseError

	titles, err := records.Read()
	r.header = recorded.upTo(records.InputOffset())

	switch {
	case errors.Is(err, io.EOF):
		return r, nil // no rows either
	case errors.As(err, &broken):
		return nil, fmt.Errorf("the CSV's header: %w", quoteProblem(broken))
	case err != nil:
		return nil, fmt.Errorf("the CSV's header: %w", err)
	case readable(r.header) != nil:
		return nil, fmt.Errorf("the CSV's header: %w", errNotUTF8)
	}

	r.columns, err = columns.assign(titles)

	return r, err
}

// quoteProblem says in plain words what encoding/csv has against a value's quotes.
func quoteProblem(broken *csv.ParseError) error {
	problem := broken.Err

	switch {
	case errors.Is(problem, csv.ErrBareQuote):
		problem = errors.New(`a " in a value that does not begin with one: put the value in quotes, and write "" for each in it`)
	case errors.Is(problem, csv.ErrQuote):
		problem = errors.New(`a value that begins with a " and does not end with one: write "" for each in it`)
	}

	return fmt.Errorf("%w (line %d, character %d)", problem, broken.Line, broken.Column)
}

// delimiterOf tells by the header what is between the columns: what occurs in it
// most often.
func delimiterOf(in *bufio.Reader) rune {
	const far = 64 << 10

	header, _ := in.Peek(min(in.Size(), far)) // what can't be read is the reader's to say
	header, _, _ = bytes.Cut(bytes.TrimLeft(header, "\r\n"), []byte("\n"))
	found, most := ',', 0

	for _, delimiter := range ",;\t|" {
		if n := bytes.Count(header, []byte(string(delimiter))); n > most {
			found, most = delimiter, n
		}
	}

	return found
}

func (r *csvReader) Next() (Row, error) {
	var broken *csv.ParseError

	values, err := r.records.Read()

	switch {
	case errors.Is(err, errLongRow):
		return Row{}, fmt.Errorf("reading CSV after line %d: a row is %w; is a quote never closed?", r.line, err)
	case errors.As(err, &broken):
		r.line = broken.StartLine

		return Row{Line: r.line, Raw: r.raw(), Err: quoteProblem(broken)}, nil
	case err != nil:
		return Row{}, err
	}

	r.line, _ = r.records.FieldPos(0)
	raw := r.raw()
	person, err := r.person(raw, values)

	return Row{Line: r.line, Raw: raw, Person: person, Err: err}, nil
}

func (r *csvReader) raw() []byte {
	return bytes.Trim(r.recorded.upTo(r.records.InputOffset()), "\r\n")
}

func (r *csvReader) person(raw []byte, values []string) (*contactv1.Person, error) {
	if err := readable(raw); err != nil {
		return nil, err
	}

	if len(values) != len(r.columns) {
		return nil, fmt.Errorf("%d columns, where the header has %d", len(values), len(r.columns))
	}

	person := &contactv1.Person{}

	for i, value := range values {
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}

		if err := r.columns[i].set(person, value); err != nil {
			return nil, fmt.Errorf("column %q: %w", r.columns[i].title, err)
		}
	}

	return person, nil
}

// Preface is the header with one column more, unless it has that already.
func (r *csvReader) Preface() []byte {
	header := bytes.Clone(bytes.Trim(r.header, "\r\n"))
	if !r.hasReasons() {
		header = append(header, string(r.records.Comma)+rejectedTitle...)
	}

	return append(header, '\n')
}

// hasReasons reports whether the input is a file of rejected rows.
func (r *csvReader) hasReasons() bool {
	return len(r.columns) > 0 && normal(r.columns[len(r.columns)-1].title) == rejectedTitle
}

// AppendRejected puts the reason behind the row's columns, or in place of the one that
// is there.
func (r *csvReader) AppendRejected(to []byte, row Row, why string) []byte {
	if !r.hasReasons() {
		to = append(to, row.Raw...)
		to = append(to, string(r.records.Comma)...)

		return append(append(to, quoted(why)...), '\n')
	}

	values, whole := r.beforeReason(row.Raw)
	to = append(to, values...)

	// One column more would make another row of one that has too few. It has its reason.
	if whole {
		to = append(to, quoted(why)...)
	}

	return append(to, '\n')
}

// beforeReason is a row of a file of rejected rows up to its reason; all of it, and
// false, where it has not all columns.
func (r *csvReader) beforeReason(raw []byte) (values []byte, whole bool) {
	records := csv.NewReader(bytes.NewReader(raw))
	records.Comma = r.records.Comma
	records.FieldsPerRecord = -1

	record, err := records.Read()
	if err != nil || len(record) != len(r.columns) {
		return raw, false
	}

	line, column := records.FieldPos(len(record) - 1)
	begin := 0

	for range line - 1 {
		begin += bytes.IndexByte(raw[begin:], '\n') + 1
	}

	begin += column - 1

	return raw[:begin], true
}

func quoted(text string) string {
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// recorder keeps what was read of it until it is taken, so that a record can be had
// as it came.
type recorder struct {
	in io.Reader
	// kept begins at the input's byte from.
	kept []byte
	from int64
}

func (r *recorder) Read(into []byte) (int, error) {
	if len(r.kept) > maxRow {
		return 0, errLongRow
	}

	n, err := r.in.Read(into)
	r.kept = append(r.kept, into[:n]...)

	return n, err
}

// upTo takes what was read up to a byte of the input.
func (r *recorder) upTo(end int64) []byte {
	taken := bytes.Clone(r.kept[:end-r.from])
	r.kept = append(r.kept[:0], r.kept[end-r.from:]...)
	r.from = end

	return taken
}

// csvTitles is the header of what [AppendCSV] writes.
const csvTitles = "sequence,published_at,name,email,phones,birthdate\n"

// CSVHeader is what CSV as [AppendCSV] writes it begins with.
func CSVHeader() []byte { return []byte(csvTitles) }

// AppendCSV appends an event's person as a record that [NewReader] reads again.
func AppendCSV(to []byte, event *contactv1.PersonEvent) ([]byte, error) {
	person := event.GetPerson()
	phones := make([]string, 0, len(person.GetPhones()))

	for _, phone := range person.GetPhones() {
		phones = append(phones, Phone(phone))
	}

	record := bytes.NewBuffer(to)
	out := csv.NewWriter(record)

	err := out.Write([]string{
		strconv.FormatUint(event.GetSequence(), 10),
		event.GetPublishedAt().AsTime().Format(time.RFC3339Nano),
		person.GetName(), person.GetEmail(), strings.Join(phones, "; "), Date(person.GetBirthdate()),
	})

	out.Flush()

	return record.Bytes(), errors.Join(err, out.Error())
}
