package person_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"rollcall/internal/person"
)

func TestDecodeJSONArray(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       []byte
	}{
		{"none", "[]", []byte{}},
		{"one", "[0]", []byte{0}},
		{"ends of the range", "[0,255,10]", []byte{0, 255, 10}},
		{"white space", " [ 1 ,\n\t2\r\n] ", []byte{1, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := person.DecodeJSONArray([]byte(test.text))
			if err != nil || !bytes.Equal(got, test.want) {
				t.Errorf("got %v (%v), want %v", got, err, test.want)
			}
		})
	}
}

func TestDecodeJSONArrayRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "it does not begin with ["},
		{"null", "null", "it does not begin with ["},
		{"object", `{"0":1}`, "it does not begin with ["},
		{"not closed", "[", "element 0: not an integer"},
		{"not closed after an element", "[1", "element 0: neither , nor ] follows"},
		{"comma before the end", "[1,]", "element 1: not an integer"},
		{"no comma", "[1 2]", "element 0: neither , nor ] follows"},
		{"too large", "[0,0,256]", "element 2: more than 255"},
		{"far too large", "[99999999999999999999999]", "element 0: more than 255"},
		{"negative", "[0,-1]", "element 1: not an integer from 0 to 255"},
		{"plus", "[+1]", "element 0: not an integer from 0 to 255"},
		{"fraction", "[1.0]", "element 0: neither , nor ] follows"},
		{"exponent", "[1e2]", "element 0: neither , nor ] follows"},
		{"leading zero", "[00]", "element 0: a leading zero"},
		{"string", `["1"]`, "element 0: not an integer from 0 to 255"},
		{"nested", "[[1]]", "element 0: not an integer from 0 to 255"},
		{"trailing data", "[1]x", "something follows its ]"},
		{"another array", "[1][2]", "something follows its ]"},
		{"other white space", "[1\v]", "element 0: neither , nor ] follows"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := person.DecodeJSONArray([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v (%v), want the error %q", got, err, test.want)
			}
		})
	}
}

func TestDecodeJSONArrayIsBounded(t *testing.T) {
	t.Parallel()
	zeros := "[0" + strings.Repeat(",0", person.MaxPayload-1)
	if got, err := person.DecodeJSONArray([]byte(zeros + "]")); err != nil || len(got) != person.MaxPayload {
		t.Errorf("the largest: got %d bytes (%v)", len(got), err)
	}
	if _, err := person.DecodeJSONArray([]byte(zeros + ",0]")); !errors.Is(err, person.ErrTooLarge) {
		t.Errorf("one more: got %v, want ErrTooLarge", err)
	}
	spaces := "[0" + strings.Repeat(" ", 8*person.MaxPayload-3) + "]"
	if got, err := person.DecodeJSONArray([]byte(spaces)); err != nil || len(got) != 1 {
		t.Errorf("as much white space as may be: got %d bytes (%v)", len(got), err)
	}
	if _, err := person.DecodeJSONArray([]byte(spaces + " ")); !errors.Is(err, person.ErrTooLarge) {
		t.Errorf("more white space: got %v, want ErrTooLarge", err)
	}
}
