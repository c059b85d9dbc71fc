package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	contactv1 "rollcall/gen/contact/v1"
)

// maxLine is the longest line of NDJSON that is read, in bytes: far more than any
// person the server takes.
const maxLine = 1 << 20

// row is one line of NDJSON that is not blank.
type row struct {
	// line counts from 1, blank lines too, as editors do.
	line int
	// person is nil when err says why the line is none.
	person *contactv1.Person
	err    error
}

var errLongLine = fmt.Errorf("longer than %d bytes", maxLine)

// ndjson reads persons in the API's JSON, one a line, holding one line at a time.
type ndjson struct {
	in   *bufio.Reader
	line int
}

func newNDJSON(in io.Reader) *ndjson {
	return &ndjson{in: bufio.NewReaderSize(in, maxLine)}
}

// next returns the next row, or io.EOF after the last. A line that holds no
// person is a row with an error; the error returned is the reader's own.
func (n *ndjson) next() (row, error) {
	for {
		text, err := n.read()

		switch {
		case errors.Is(err, errLongLine):
			return row{line: n.line, err: errLongLine}, nil
		case err != nil:
			return row{}, err
		case len(text) == 0:
			continue
		}

		person, err := parsePerson(text)

		return row{line: n.line, person: person, err: err}, nil
	}
}

// read returns a line without the white space around it.
func (n *ndjson) read() ([]byte, error) {
	text, err := n.in.ReadSlice('\n')

	if len(text) > 0 {
		n.line++
	}

	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, n.skipLine()
	case errors.Is(err, io.EOF) && len(text) > 0:
		// The last line may lack its end.
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, fmt.Errorf("reading line %d: %w", n.line+1, err)
	}

	if n.line == 1 {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	}

	return bytes.TrimSpace(text), nil
}

// skipLine reads the rest of a line that is too long, and returns errLongLine.
func (n *ndjson) skipLine() error {
	for {
		_, err := n.in.ReadSlice('\n')

		switch {
		case err == nil, errors.Is(err, io.EOF):
			return errLongLine
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("reading line %d: %w", n.line, err)
		}
	}
}

// parsePerson reads one person. A field that the API does not know is an error,
// so that a typo loses nothing.
func parsePerson(text []byte) (*contactv1.Person, error) {
	if text[0] != '{' {
		return nil, errors.New("not a JSON object")
	}

	var person contactv1.Person
	if err := protojson.Unmarshal(text, &person); err != nil {
		return nil, errors.New(parseProblem(err))
	}

	return &person, nil
}

var parsePlace = regexp.MustCompile(`^(.*?)\(line \d+:(\d+)\): (.*)$`)

// parseProblem takes protojson's error apart: it counts lines within the one line,
// and begins with a prefix of varying white space.
func parseProblem(err error) string {
	problem := strings.TrimSpace(strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\u00a0", " "), "proto:"))

	place := parsePlace.FindStringSubmatch(problem)
	if place == nil {
		return problem
	}

	return fmt.Sprintf("%s%s (column %s)", place[1], place[3], place[2])
}
