package terminal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// MarshalJSON is a message in the API's JSON on one line, the same bytes for the
// same message each time. Characters that a terminal might obey are escaped,
// which leaves the JSON's meaning as it is.
func MarshalJSON(message proto.Message) ([]byte, error) {
	// protojson puts in spaces at random, lest anyone rely on its bytes.
	loose, err := protojson.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("writing %s as JSON: %w", message.ProtoReflect().Descriptor().FullName(), err)
	}

	var line bytes.Buffer
	if err := json.Compact(&line, loose); err != nil {
		return nil, fmt.Errorf("compacting JSON: %w", err)
	}

	return escapeHarm(line.Bytes()), nil
}

// escapeHarm writes what JSON allows as it is, and a terminal may obey or hide (DEL,
// the C1 controls, changes of direction, zero-width characters), as \u escapes. Such
// characters occur in strings alone, where an escape means the same.
func escapeHarm(line []byte) []byte {
	if !bytes.ContainsFunc(line, acts) {
		return line
	}

	var before shape

	escaped := make([]byte, 0, len(line)+len(line)/8)

	for _, char := range string(line) {
		if before.shows(char) {
			escaped = utf8.AppendRune(escaped, char)

			continue
		}

		for _, unit := range utf16.AppendRune(nil, char) {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}

	return escaped
}

// JSON prints one JSON value a line: an event as the API's PersonEvent, a gap as
// {"gap":{…}}, and a progress, where wanted, as {"progress":{…}}.
type JSON struct {
	out      *bufio.Writer
	progress bool
}

// NewJSON returns a printer to out. With progress it prints progresses too.
func NewJSON(out io.Writer, progress bool) *JSON {
	return &JSON{out: bufio.NewWriter(out), progress: progress}
}

// Event prints a line for an event.
func (j *JSON) Event(event *contactv1.PersonEvent) error {
	return j.line("", event)
}

// Gap prints a line for a gap.
func (j *JSON) Gap(gap *contactv1.Gap) error {
	return j.line("gap", gap)
}

// Progress prints a line for a progress, if they are wanted.
func (j *JSON) Progress(progress *contactv1.Progress) error {
	if !j.progress {
		return nil
	}

	return j.line("progress", progress)
}

// Flush writes out the lines so far.
func (j *JSON) Flush() error {
	return j.out.Flush()
}

func (j *JSON) line(key string, message proto.Message) error {
	value, err := MarshalJSON(message)
	if err != nil {
		return err
	}

	if key != "" {
		value = fmt.Appendf(nil, "{%q:%s}", key, value)
	}

	value = append(value, '\n')

	// Whole lines leave, so that a watch that is killed does not end in half of one.
	if len(value) > j.out.Available() {
		if err := j.out.Flush(); err != nil {
			return err
		}
	}

	_, err = j.out.Write(value)

	return err
}
