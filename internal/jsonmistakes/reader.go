package jsonmistakes

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// deepest is how deep values may lie in each other. No message of the API comes near.
const deepest = 1000

// reader reads JSON, of which it takes no more than RFC 8259 has. Its errors say where
// the text is none, and why.
type reader struct {
	text  []byte
	at    int
	depth int
}

// errorf is a mistake at a place in the text.
func (r *reader) errorf(at int, format string, args ...any) error {
	before := r.text[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	place := fmt.Sprintf("column %d", column)
	if bytes.IndexByte(r.text, '\n') >= 0 {
		place = fmt.Sprintf("line %d, column %d", line, column)
	}
	return fmt.Errorf("%s: %s", place, fmt.Sprintf(format, args...))
}

// expected is the mistake that what comes next is something else.
func (r *reader) expected(what string) error {
	if r.at >= len(r.text) {
		return r.errorf(len(r.text), "the text ends where %s must be", what)
	}
	return r.errorf(r.at, "there is %s where %s must be", r.next(), what)
}

// next describes what comes next.
func (r *reader) next() string {
	rest := r.text[r.at:]
	if bytes.HasPrefix(rest, []byte("\ufeff")) {
		return "a byte order mark (leave it out)"
	}
	if char, size := utf8.DecodeRune(rest); char == utf8.RuneError && size == 1 {
		return "a byte that is not UTF-8"
	}
	word := rest
	if i := bytes.IndexFunc(rest, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("+-._", c)
	}); i >= 0 {
		word = rest[:max(i, 1)]
	}
	if len(word) == 1 {
		char, _ := utf8.DecodeRune(rest)
		return quoted(string(char))
	}
	return quoted(string(word))
}

func (r *reader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// peek returns the next byte that is no space; 0 at the end.
func (r *reader) peek() byte {
	r.space()
	if r.at >= len(r.text) {
		return 0
	}
	return r.text[r.at]
}

// take reads a byte if it is the next.
func (r *reader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

// value reads a value and returns its text.
func (r *reader) value() ([]byte, error) {
	c := r.peek()
	begin := r.at
	var err error
	switch {
	case c == '{':
		err = r.object(func(string, int) error { return r.ignore() })
	case c == '[':
		err = r.array(func(int) error { return r.ignore() })
	case c == '"':
		_, err = r.string()
	case c == '-' || (c >= '0' && c <= '9'):
		err = r.number()
	default:
		err = r.literal()
	}
	return r.text[begin:r.at], err
}

func (r *reader) ignore() error {
	_, err := r.value()
	return err
}

// object reads an object; member reads each value, and is told its name and where the
// name is.
func (r *reader) object(member func(name string, at int) error) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	r.take('{')
	if r.take('}') {
		return nil
	}
	for {
		if r.peek() != '"' {
			return r.expected(`a name in double quotes`)
		}
		at := r.at
		name, err := r.string()
		if err != nil {
			return err
		}
		if !r.take(':') {
			return r.expected(`":"`)
		}
		if err := member(name, at); err != nil {
			return err
		}
		switch {
		case r.take('}'):
			return nil
		case !r.take(','):
			return r.expected(`"," or "}"`)
		}
	}
}

// array reads an array; element reads each value.
func (r *reader) array(element func(i int) error) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	r.take('[')
	if r.take(']') {
		return nil
	}
	for i := 0; ; i++ {
		if err := element(i); err != nil {
			return err
		}
		switch {
		case r.take(']'):
			return nil
		case !r.take(','):
			return r.expected(`"," or "]"`)
		}
	}
}

func (r *reader) enter() error {
	r.depth++
	if r.depth > deepest {
		return r.errorf(r.at, "there are more than %d arrays and objects in each other", deepest)
	}
	return nil
}

func (r *reader) leave() { r.depth-- }

// literal reads true, false or null.
func (r *reader) literal() error {
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(r.text[r.at:], []byte(word)) && !r.goesOn(r.at+len(word)) {
			r.at += len(word)
			return nil
		}
	}
	return r.expected("a value (a string in double quotes, a number, an object, an array, true, false or null)")
}

// goesOn is true if what stands there belongs to the word before it.
func (r *reader) goesOn(at int) bool {
	if at >= len(r.text) {
		return false
	}
	c := r.text[at]
	return c == '-' || c == '+' || c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
}

// number reads a number.
func (r *reader) number() error {
	begin := r.at
	if r.text[r.at] == '-' {
		r.at++
	}
	whole := r.digits()
	ok := whole == 1 || (whole > 1 && r.text[r.at-whole] != '0')
	if ok && r.at < len(r.text) && r.text[r.at] == '.' {
		r.at++
		ok = r.digits() > 0
	}
	if ok && r.at < len(r.text) && (r.text[r.at] == 'e' || r.text[r.at] == 'E') {
		r.at++
		if r.at < len(r.text) && (r.text[r.at] == '+' || r.text[r.at] == '-') {
			r.at++
		}
		ok = r.digits() > 0
	}
	if !ok || r.goesOn(r.at) {
		r.at = begin
		return r.errorf(begin, "%s is no number as JSON has it", r.next())
	}
	return nil
}

// digits reads digits and returns how many.
func (r *reader) digits() int {
	begin := r.at
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		r.at++
	}
	return r.at - begin
}

// string reads a string and returns what it stands for.
func (r *reader) string() (string, error) {
	begin := r.at
	r.at++
	var content []byte
	for {
		if r.at >= len(r.text) {
			return "", r.errorf(begin, "there is no end of the string that begins here")
		}
		char, size := utf8.DecodeRune(r.text[r.at:])
		switch {
		case char == utf8.RuneError && size == 1:
			return "", r.errorf(r.at, "there is a byte that is not UTF-8")
		case char < ' ':
			return "", r.errorf(r.at, `there is a line break or another control character in a string: write it as \n or \u%04x`, char)
		case char == '"':
			r.at++
			return string(content), nil
		case char == '\\':
			escaped, err := r.escape()
			if err != nil {
				return "", err
			}
			content = utf8.AppendRune(content, escaped)
		default:
			content = append(content, r.text[r.at:r.at+size]...)
			r.at += size
		}
	}
}

// escapes are those of one letter.
var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what begins with a backslash.
func (r *reader) escape() (rune, error) {
	if r.at+1 < len(r.text) {
		if char, ok := escapes[r.text[r.at+1]]; ok {
			r.at += 2
			return char, nil
		}
	}
	unit, ok := r.unit(r.at)
	switch {
	case !ok:
		return 0, r.errorf(r.at, `there is a backslash that begins no escape: write \\ for a backslash`)
	case !utf16.IsSurrogate(unit):
		r.at += 6
		return unit, nil
	}
	second, _ := r.unit(r.at + 6)
	char := utf16.DecodeRune(unit, second)
	if char == unicode.ReplacementChar {
		return 0, r.errorf(r.at, `\u%04x is half of a character: the other half must follow`, unit)
	}
	r.at += 12
	return char, nil
}

// unit returns the UTF-16 unit whose escape is there.
func (r *reader) unit(at int) (rune, bool) {
	if at+6 > len(r.text) || r.text[at] != '\\' || r.text[at+1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(r.text[at+2:at+6]), 16, 16)
	return rune(unit), err == nil
}
