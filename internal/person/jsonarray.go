package person

import (
	"errors"
	"fmt"
)

// maxJSONArray bounds a JSON array before it is read: a byte is at most three
// digits and a comma, and as much again is left for white space.
const maxJSONArray = 8 * MaxPayload

// DecodeJSONArray reads a JSON array of byte values, such as [0,0,0,0,7], the
// form in which older publishers and the older frontend send a message. Elements
// are integers from 0 to 255, white space may stand between, and nothing may
// follow.
//
// The error names the element, counted from 0, that is wrong; it is ErrTooLarge
// for more than MaxPayload bytes, or for text that no such array needs.
func DecodeJSONArray(payload []byte) ([]byte, error) {
	if len(payload) > maxJSONArray {
		return nil, fmt.Errorf("%w: its text takes %d", ErrTooLarge, len(payload))
	}
	s := arrayScanner{text: payload}
	if !s.take('[') {
		return nil, errors.New("it does not begin with [")
	}
	// An element takes at least two characters with its comma.
	values := make([]byte, 0, min(len(payload)/2, MaxPayload))
	values, err := s.elements(values)
	if err != nil {
		return nil, err
	}
	s.skipSpace()
	if len(s.text) > 0 {
		return nil, errors.New("something follows its ]")
	}
	return values, nil
}

// arrayScanner reads from the front of text.
type arrayScanner struct{ text []byte }

// elements reads up to and with the closing bracket.
func (s *arrayScanner) elements(values []byte) ([]byte, error) {
	if s.take(']') {
		return values, nil
	}
	for {
		value, err := s.element()
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", len(values), err)
		}
		if len(values) == MaxPayload {
			return nil, ErrTooLarge
		}
		values = append(values, value)
		switch {
		case s.take(','):
		case s.take(']'):
			return values, nil
		default:
			return nil, fmt.Errorf("element %d: neither , nor ] follows", len(values)-1)
		}
	}
}

// element reads one integer as JSON writes it: no sign, no fraction, no exponent,
// no leading zero.
func (s *arrayScanner) element() (byte, error) {
	s.skipSpace()
	value, digits := 0, 0
	for digits < len(s.text) && isDigit(s.text[digits]) {
		value = value*10 + int(s.text[digits]-'0')
		digits++
		if value > 255 {
			return 0, errors.New("more than 255")
		}
	}
	switch {
	case digits == 0:
		return 0, errors.New("not an integer from 0 to 255")
	case digits > 1 && s.text[0] == '0':
		return 0, errors.New("a leading zero")
	}
	s.text = s.text[digits:]
	return byte(value), nil
}

// take skips white space, then c if it comes next.
func (s *arrayScanner) take(c byte) bool {
	s.skipSpace()
	if len(s.text) == 0 || s.text[0] != c {
		return false
	}
	s.text = s.text[1:]
	return true
}

func (s *arrayScanner) skipSpace() {
	for len(s.text) > 0 && isSpace(s.text[0]) {
		s.text = s.text[1:]
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isSpace knows JSON's white space, which is less than Unicode's.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
