package format

import (
	"strings"
	"testing"
)

func TestRowsOfNDJSON(t *testing.T) {
	t.Parallel()

	long := `{"name":"` + strings.Repeat("a", maxRow) + `"}`

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
		"unknown field":             {`{"name":"a","emial":"x"}`, []string{`1: emial: unknown field "emial": Person has name, email, phones, birthdate`}},
		"unknown field further in":  {`{"phones":[{"nr":"1"}]}`, []string{`1: phones[0].nr: unknown field "nr": PhoneNumber has number, type`}},
		"unknown kind of phone":     {`{"phones":[{"type":"FAX"}]}`, []string{`1: phones[0].type: must be one of PHONE_TYPE_UNSPECIFIED, PHONE_TYPE_MOBILE, PHONE_TYPE_HOME, PHONE_TYPE_WORK, not the string "FAX"`}},
		"two on a line":             {`{"name":"a"} {"name":"b"}`, []string{`1: column 14: there is "{" after the end`}},
		"two mistakes":              {`{"name":5,"phones":"1"}`, []string{`1: name: must be a string, not the number 5; phones: must be an array, of which each is an object with number, type, not the string "1"`}},
		"cut off":                   {`{"name":"a`, []string{"1: column 9: there is no end of the string that begins here"}},
		"a watch's event":           {`{"sequence":"7","publishedAt":"2026-05-17T08:00:00Z","person":{"name":"a"}}`, []string{"1 a"}},
		"an event of no sequence":   {`{"person":{"name":"a"}}`, []string{`1: person: unknown field "person": Person has name, email, phones, birthdate`}},
		"a watch's rejected event":  {`{"sequence":"7","rejected":{"reason":"NOT_CAPNP"}}`, []string{"1: an event without a person"}},
		"a watch's gap":             {`{"gap":{"first":"1","last":"2"}}`, []string{`1: gap: unknown field "gap": Person has name, email, phones, birthdate`}},
		"a remark":                  {"# line 3: no\n{\"name\":\"b\"}", []string{"2 b"}},
		"Latin-1":                   {"{\"name\":\"Andr\xe9\"}", []string{"1: " + errNotUTF8.Error()}},
		"no object":                 {"[]\n\"a\"", []string{"1: not a JSON object", "2: not a JSON object"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			wantLines(t, read(t, NDJSON, test.text, nil), test.want)
		})
	}
}
