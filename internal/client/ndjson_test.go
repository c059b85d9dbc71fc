package client

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
)

func TestRowsOfNDJSON(t *testing.T) {
	t.Parallel()

	long := `{"name":"` + strings.Repeat("a", maxLine) + `"}`

	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                   {"", nil},
		"last line without its end": {"{\"name\":\"a\"}\n{\"name\":\"b\"}", []string{"1 a", "2 b"}},
		"blank lines count":         {"\n{\"name\":\"a\"}\n  \n{\"name\":\"b\"}\n", []string{"2 a", "4 b"}},
		"CRLF":                      {"{\"name\":\"a\"}\r\n{\"name\":\"b\"}\r\n", []string{"1 a", "2 b"}},
		"byte order mark":           {"\xef\xbb\xbf{\"name\":\"a\"}\n", []string{"1 a"}},
		"too long":                  {long + "\n{\"name\":\"b\"}\n" + long, []string{"1: longer than 1048576 bytes", "2 b", "3: longer than 1048576 bytes"}},
		"unknown field":             {`{"name":"a","emial":"x"}`, []string{`1: unknown field "emial" (column 13)`}},
		"unknown field further in":  {`{"phones":[{"nr":"1"}]}`, []string{`1: unknown field "nr" (column 13)`}},
		"unknown kind of phone":     {`{"phones":[{"type":"FAX"}]}`, []string{`1: invalid value for enum field type: "FAX" (column 20)`}},
		"two on a line":             {`{"name":"a"} {"name":"b"}`, []string{`1: syntax error unexpected token { (column 14)`}},
		"cut off":                   {`{"name":"a`, []string{"1: unexpected EOF"}},
		"no object":                 {"[]\n\"a\"", []string{"1: not a JSON object", "2: not a JSON object"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var got []string

			rows := newNDJSON(strings.NewReader(test.text))
			for {
				next, err := rows.next()
				if errors.Is(err, io.EOF) {
					break
				}

				if err != nil {
					t.Fatal(err)
				}

				if next.err != nil {
					got = append(got, strconv.Itoa(next.line)+": "+next.err.Error())
				} else {
					got = append(got, strconv.Itoa(next.line)+" "+next.person.GetName())
				}
			}

			wantLines(t, got, test.want)
		})
	}
}
