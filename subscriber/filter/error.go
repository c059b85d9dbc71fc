package filter

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/operators"

	contactv1 "rollcall/gen/contact/v1"
)

// Error says what is wrong with a filter's text, and where.
type Error struct {
	// Line and Column count from 1; Column counts characters.
	Line, Column int
	// Message is one sentence without the place.
	Message string

	// lines is how many the text has.
	lines int
}

// Error is the message with its place; the line is said where there are several.
func (e *Error) Error() string {
	if e.lines > 1 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("column %d: %s", e.Column, e.Message)
}

// newError is about the character at an offset, in characters from the text's
// start.
func newError(text string, offset int, message string) *Error {
	before := string([]rune(text)[:offset])
	start := strings.LastIndexByte(before, '\n') + 1
	return &Error{
		Line:    strings.Count(before, "\n") + 1,
		Column:  len([]rune(before[start:])) + 1,
		Message: message,
		lines:   strings.Count(text, "\n") + 1,
	}
}

// firstOf makes one error of CEL's list: that which stands first in the text. The
// others are often only its consequences.
func firstOf(text string, found []*cel.Error) *Error {
	first, at := "", -1
	for _, problem := range found {
		if offset := offsetOf(text, problem.Location); at < 0 || offset < at {
			first, at = problem.Message, offset
		}
	}
	return newError(text, max(at, 0), plain(first))
}

// offsetOf is a place in characters. Of `person.emial` CEL gives the
// dot, and people look for the name.
func offsetOf(text string, place common.Location) int {
	characters := []rune(text)
	offset := 0
	for line := 1; line < place.Line() && offset < len(characters); offset++ {
		if characters[offset] == '\n' {
			line++
		}
	}
	offset = min(max(offset+place.Column(), 0), len(characters))
	if offset < len(characters) && characters[offset] == '.' {
		for offset++; offset < len(characters) && unicode.IsSpace(characters[offset]); offset++ {
			continue
		}
	}
	return offset
}

var (
	unexpected = regexp.MustCompile(`^Syntax error: (?:mismatched input|extraneous input|no viable alternative at input|token recognition error at:) '((?s).*?)'(?: expecting .*)?$`)
	missing    = regexp.MustCompile(`^Syntax error: missing ('.*?') at '((?s).*)'$`)
	undeclared = regexp.MustCompile(`^undeclared reference to '(.*?)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '(.*?)' applied to '(.*)'$`)
	tooDeep    = regexp.MustCompile(`recursion (?:limit|depth) exceeded|More than \d+ syntax errors`)
)

// plain puts CEL's words, which are those of its parser, into ours.
func plain(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if parts := unexpected.FindStringSubmatch(message); parts != nil {
		return "unexpected " + token(parts[1])
	}
	if parts := missing.FindStringSubmatch(message); parts != nil {
		return fmt.Sprintf("missing %s before %s", parts[1], token(parts[2]))
	}
	if parts := undeclared.FindStringSubmatch(message); parts != nil {
		return unknownName(parts[1])
	}
	if parts := noOverload.FindStringSubmatch(message); parts != nil {
		return fmt.Sprintf("'%s' cannot be applied to %s", written(parts[1]), parts[2])
	}
	if tooDeep.MatchString(message) {
		return fmt.Sprintf("is nested too deeply; at most %d levels", maxDepth)
	}
	if strings.HasSuffix(message, "comprehension exceeds nesting limit") {
		return fmt.Sprintf("more than %d of all, exists, exists_one, map and filter stand in one another", maxLoops)
	}
	return strings.TrimPrefix(message, "Syntax error: ")
}

func token(text string) string {
	if text == "<EOF>" {
		return "end of the filter"
	}
	return "'" + text + "'"
}

// unknownName helps those who left out the variable.
func unknownName(name string) string {
	field, _, _ := strings.Cut(name, ".")
	if fields := new(contactv1.Person).ProtoReflect().Descriptor().Fields(); fields.ByTextName(field) != nil {
		return fmt.Sprintf("unknown name '%s': write %s.%s", name, variable, name)
	}
	return fmt.Sprintf("unknown name '%s': what there is to ask about is %s, and CEL's functions", name, variable)
}

// written is an operator as it stands in a text; CEL calls == _==_.
func written(function string) string {
	if operator, ok := operators.FindReverse(function); ok && operator != "" {
		return operator
	}
	return strings.Trim(function, "_@")
}
