// Package format reads and writes persons as people keep them: lines of JSON, CSV
// and vCards. What it reads it does not judge; the rules are the server's.
package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	contactv1 "rollcall/gen/contact/v1"
)

// Format is a way to write persons down.
type Format string

// The formats.
const (
	// NDJSON is one Person, or one PersonEvent, in the API's JSON a line.
	NDJSON Format = "ndjson"
	// CSV is RFC 4180's, with a header.
	CSV Format = "csv"
	// VCard is vCard 3.0 or 4.0 (RFC 2426, RFC 6350).
	VCard Format = "vcard"
)

// Of tells the format by a file's extension; false where it does not.
func Of(path string) (Format, bool) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ndjson", ".jsonl", ".json":
		return NDJSON, true
	case ".csv", ".tsv":
		return CSV, true
	case ".vcf", ".vcard":
		return VCard, true
	default:
		return "", false
	}
}

// maxRow is the longest row that is read, in bytes: far more than any person the
// server takes, and enough for a vCard with a portrait.
const maxRow = 1 << 20

var errLongRow = fmt.Errorf("longer than %d bytes", maxRow)

var errNotUTF8 = errors.New("not UTF-8: convert the file first, such as by iconv -f WINDOWS-1252 -t UTF-8")

// Row is one person of an input, or what stands where one should.
type Row struct {
	// Line is where it begins, from 1, and no other row's.
	Line int
	// Raw is the row as it came, without the end of its last line; nil where it was
	// too long to be kept.
	Raw []byte
	// Person is nil when Err says why the row is none.
	Person *contactv1.Person
	Err    error
}

// Reader reads an input's rows, one at a time.
type Reader interface {
	// Next returns the next row, or io.EOF after the last. A row that is no person
	// has an error of its own; the error returned means that nothing more can be
	// read.
	Next() (Row, error)
	// Preface is what a file of rejected rows begins with.
	Preface() []byte
	// AppendRejected appends a row in the form it came in, with the reason, one line
	// of text, where a Reader of the same format passes over it. It may run while
	// Next does.
	AppendRejected(to []byte, row Row, why string) []byte
}

// NewReader returns a reader of a format. columns say what CSV's columns are, and
// are for CSV alone; see [Columns]. An error is the beginning's: no text in UTF-8,
// or a header that is not understood.
func NewReader(in io.Reader, format Format, columns Columns) (Reader, error) {
	text := bufio.NewReaderSize(in, maxRow)

	if err := skipByteOrderMark(text); err != nil {
		return nil, err
	}

	switch format {
	case NDJSON:
		return &ndjsonReader{lines: lines{in: text}}, nil
	case CSV:
		return newCSVReader(text, columns)
	case VCard:
		return &vcardReader{lines: lines{in: text}}, nil
	default:
		return nil, fmt.Errorf("format %q is not one of %s, %s, %s", format, NDJSON, CSV, VCard)
	}
}

func skipByteOrderMark(in *bufio.Reader) error {
	begin, _ := in.Peek(len("\xef\xbb\xbf")) // what can't be read is the next reader's to say

	switch {
	case bytes.HasPrefix(begin, []byte("\xef\xbb\xbf")):
		_, _ = in.Discard(len(begin))
	case bytes.HasPrefix(begin, []byte("\xff\xfe")), bytes.HasPrefix(begin, []byte("\xfe\xff")):
		return errors.New("the text is UTF-16: convert it first, such as by iconv -f UTF-16 -t UTF-8")
	}

	return nil
}

// lines reads lines and counts them.
type lines struct {
	in *bufio.Reader
	// line is the last one's number.
	line int
}

// next returns a line with its end, which is valid until the next call. errLongRow
// means that it was passed over, and io.EOF that there is none.
func (l *lines) next() ([]byte, error) {
	l.line++

	text, err := l.in.ReadSlice('\n')

	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, l.skip()
	case errors.Is(err, io.EOF) && len(text) > 0:
		return text, nil // the last line may lack its end
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, fmt.Errorf("reading line %d: %w", l.line, err)
	default:
		return text, nil
	}
}

// skip reads the rest of a line that is too long, and returns errLongRow.
func (l *lines) skip() error {
	for {
		_, err := l.in.ReadSlice('\n')

		switch {
		case err == nil, errors.Is(err, io.EOF):
			return errLongRow
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("reading line %d: %w", l.line, err)
		}
	}
}

// readable returns the error of text that is not UTF-8.
func readable(text []byte) error {
	if !utf8.Valid(text) {
		return errNotUTF8
	}

	return nil
}
