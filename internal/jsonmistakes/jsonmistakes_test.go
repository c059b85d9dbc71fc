package jsonmistakes_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/jsonmistakes"
)

func TestMistakes(t *testing.T) {
	t.Parallel()
	submit, many, watch := &contactv1.SubmitPersonRequest{}, &contactv1.SubmitPersonsRequest{}, &contactv1.WatchPersonsRequest{}
	tests := []struct {
		name    string
		message proto.Message
		text    string
		want    string // lines of what is wrong
	}{
		// Other types.
		{"a number for a string", submit, `{"person":{"name":5}}`, `person.name: must be a string, not the number 5`},
		{"a string for a message", submit, `{"person":"Ada"}`, `person: must be an object with name, email, phones, birthdate, not the string "Ada"`},
		{"an array for a message", submit, `{"person":[]}`, `person: must be an object with name, email, phones, birthdate, not an array`},
		{"an object for an array", submit, `{"person":{"phones":{}}}`, `person.phones: must be an array, of which each is an object with number, type, not an object`},
		{"an object for a string", submit, `{"person":{"email":{"at":"x"}}}`, `person.email: must be a string, not an object`},
		{"true for a string", submit, `{"idempotencyKey":true}`, `idempotency_key: must be a string, not true`},
		{"a name that the enum does not have", submit, `{"person":{"phones":[{"number":"1"},{"type":"CELL"}]}}`, `person.phones[1].type: must be one of PHONE_TYPE_UNSPECIFIED, PHONE_TYPE_MOBILE, PHONE_TYPE_HOME, PHONE_TYPE_WORK, not the string "CELL"`},
		{"a fraction for an enum", submit, `{"person":{"phones":[{"type":1.5}]}}`, `person.phones[0].type: must be one of PHONE_TYPE_UNSPECIFIED, PHONE_TYPE_MOBILE, PHONE_TYPE_HOME, PHONE_TYPE_WORK, not the number 1.5`},
		{"words for a number", submit, `{"person":{"birthdate":{"year":"abc"}}}`, `person.birthdate.year: must be a whole number from -2147483648 to 2147483647, not the string "abc"`},
		{"too large a number", submit, `{"person":{"birthdate":{"year":99999999999}}}`, `person.birthdate.year: must be a whole number from -2147483648 to 2147483647, not the number 99999999999`},
		{"a fraction for a whole number", submit, `{"person":{"birthdate":{"day":1.5}}}`, `person.birthdate.day: must be a whole number from -2147483648 to 2147483647, not the number 1.5`},
		{"null in an array", submit, `{"person":{"phones":[{},null]}}`, `person.phones[1]: must be an object with number, type, not null`},
		{"a string in an array", submit, `{"person":{"phones":["+49 30 1"]}}`, `person.phones[0]: must be an object with number, type, not the string "+49 30 1"`},
		{"one of many", many, `{"submissions":[{},{"person":{"name":["Ada"]}}]}`, `submissions[1].person.name: must be a string, not an array`},
		{"true in quotes", many, `{"allOrNothing":"true"}`, `all_or_nothing: must be true or false, not the string "true"`},
		{"no time", watch, `{"since":"yesterday"}`, `since: must be a time such as "2026-01-31T08:00:00Z", not the string "yesterday"`},
		{"all is true", watch, `{"all":true}`, `all: must be {}, not true`},
		{"all has a field", watch, `{"all":{"x":1}}`, `all: must be {}, not an object`},
		{"below nothing", watch, `{"last":-1}`, `last: must be a whole number from 0 to 4294967295, not the number -1`},
		{"a position as text", watch, `{"after":"e:5"}`, `after: must be an object with epoch, sequence, not the string "e:5"`},
		{"the whole is an array", submit, `[{"person":{}}]`, `must be an object with person, idempotencyKey, not an array`},
		{"the whole is a string", submit, `"person"`, `must be an object with person, idempotencyKey, not the string "person"`},
		{"the whole is null", submit, `null`, `must be an object with person, idempotencyKey, not null`},
		{"nothing", submit, ``, `must be an object with person, idempotencyKey; the request is empty`},
		{"spaces", &contactv1.GetStatusRequest{}, " \n", `must be an object without fields, {}; the request is empty`},
		{"a field where there is none", &contactv1.GetStatusRequest{}, `{"x":1}`, `x: unknown field "x": GetStatusRequest has none`},

		// Fields.
		{"an unknown field", submit, `{"person":{"nmae":"Ada"}}`, `person.nmae: unknown field "nmae": Person has name, email, phones, birthdate`},
		{"an extension", submit, `{"[x.y]":1}`, `[x.y]: unknown field "[x.y]": SubmitPersonRequest has person, idempotencyKey`},
		{"a name that hides", submit, `{"a\u202e\nb":1}`, `a\u202e\u000ab: unknown field "a\u202e\u000ab": SubmitPersonRequest has person, idempotencyKey`},
		{"a field twice", submit, `{"person":{"name":"Ada","name":"Bob"}}`, `person.name: is given twice: give it once`},
		{"a field by both its names", submit, `{"idempotencyKey":"a","idempotency_key":"b"}`, `idempotency_key: is given twice: give it once`},
		{"two of one choice", watch, `{"all":{},"last":3}`, `last: can't be given beside all: give one of them`},

		// Several at once.
		{"several", submit, `{"person":{"name":5,"emial":"x","phones":[{"type":"CELL"}]},"idempotencyKey":7}`, strings.Join([]string{
			`person.name: must be a string, not the number 5`,
			`person.emial: unknown field "emial": Person has name, email, phones, birthdate`,
			`person.phones[0].type: must be one of PHONE_TYPE_UNSPECIFIED, PHONE_TYPE_MOBILE, PHONE_TYPE_HOME, PHONE_TYPE_WORK, not the string "CELL"`,
			`idempotency_key: must be a string, not the number 7`,
		}, "\n")},

		// No JSON.
		{"a byte order mark", submit, "\ufeff{}", `column 1: there is a byte order mark (leave it out) where a value (a string in double quotes, a number, an object, an array, true, false or null) must be`},
		{"a word", submit, "\n  hello", `line 2, column 3: there is "hello" where a value (a string in double quotes, a number, an object, an array, true, false or null) must be`},
		{"a form", submit, "name=Ada", `column 1: there is "name" where a value (a string in double quotes, a number, an object, an array, true, false or null) must be`},
		{"single quotes", submit, `{'person':{}}`, `column 2: there is "'" where a name in double quotes must be`},
		{"a name without quotes", submit, `{person:{}}`, `column 2: there is "person" where a name in double quotes must be`},
		{"no colon", submit, `{"person" {}}`, `column 11: there is "{" where ":" must be`},
		{"a comma too many", submit, `{"person":{},}`, `column 14: there is "}" where a name in double quotes must be`},
		{"a comma missing", submit, "{\"person\":{}\n\"idempotencyKey\":\"x\"}", `line 2, column 1: there is "\"" where "," or "}" must be`},
		{"a comma too many in an array", submit, `{"person":{"phones":[{},]}}`, `column 25: there is "]" where a value (a string in double quotes, a number, an object, an array, true, false or null) must be`},
		{"no end", submit, `{"person":{`, `column 12: the text ends where a name in double quotes must be`},
		{"no end of a string", submit, `{"person":{"name":"Ada`, `column 19: there is no end of the string that begins here`},
		{"more than one", submit, `{} {}`, `column 4: there is "{" after the end`},
		{"Python's true", submit, `{"idempotencyKey":True}`, `column 19: there is "True" where a value (a string in double quotes, a number, an object, an array, true, false or null) must be`},
		{"a number with a zero before it", submit, `{"person":{"birthdate":{"month":05}}}`, `column 33: "05" is no number as JSON has it`},
		{"not UTF-8", submit, "{\"person\":{\"name\":\"Ad\xe4\"}}", `column 22: there is a byte that is not UTF-8`},
		{"a line break in a string", submit, "{\"person\":{\"name\":\"A\nda\"}}", `line 1, column 21: there is a line break or another control character in a string: write it as \n or \u000a`},
		{"half of a character", submit, `{"person":{"name":"\ud83d"}}`, `column 20: \ud83d is half of a character: the other half must follow`},
		{"an escape that is none", submit, `{"person":{"name":"\x41"}}`, `column 20: there is a backslash that begins no escape: write \\ for a backslash`},
		{"too deep", submit, `{"x":` + strings.Repeat("[", 1001), `column 1005: there are more than 1000 arrays and objects in each other`},
		{"JSON comes before its types", submit, `{"person":5`, `column 12: the text ends where "," or "}" must be`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if protojson.Unmarshal([]byte(test.text), proto.Clone(test.message)) == nil {
				t.Fatal("the decoder takes it")
			}
			found := jsonmistakes.Find([]byte(test.text), test.message.ProtoReflect().Descriptor())
			var got []string
			for _, one := range found.Violations {
				got = append(got, one.String())
			}
			if all := strings.Join(got, "\n"); all != test.want {
				t.Errorf("got  %s\nwant %s", all, test.want)
			}
			expectPlainWords(t, found.Error())
		})
	}
}

func TestMistakesAreNotWithoutEnd(t *testing.T) {
	t.Parallel()
	text := `{"submissions":[` + strings.TrimSuffix(strings.Repeat("5,", 100_000), ",") + `]}`
	found := jsonmistakes.Find([]byte(text), (&contactv1.SubmitPersonsRequest{}).ProtoReflect().Descriptor())
	if len(found.Violations) != 20 {
		t.Errorf("got %d", len(found.Violations))
	}
	text = `{"idempotencyKey":[` + strings.Repeat(`"x",`, 100_000) + `0]}`
	found = jsonmistakes.Find([]byte(text), (&contactv1.SubmitPersonRequest{}).ProtoReflect().Descriptor())
	if len(found.Error()) > 200 {
		t.Errorf("got %d bytes: %.300s", len(found.Error()), found.Error())
	}
}

// jargon is what Go, Protobuf's decoder and parsers say.
var jargon = regexp.MustCompile(`(?i)proto\b|unmarshal|syntax|token|\beof\b|strconv|json:|\bstruct\b|u?int(8|16|32|64)|\bnil\b|%!|\(line|unexpected|rune|parse`)

func expectPlainWords(t *testing.T, text string) {
	t.Helper()
	outside := regexp.MustCompile(`"(\\.|[^"\\])*"`).ReplaceAllString(text, `""`) // of what was sent
	if word := jargon.FindString(outside); word != "" {
		t.Errorf("%q is in %s", word, text)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }) {
		t.Errorf("%q is not to be shown", text)
	}
}

// FuzzMistakes finds a mistake in whatever the decoder refuses.
func FuzzMistakes(f *testing.F) {
	for _, seed := range []string{
		`{"person":{"name":"Ada","email":"ada@example.org","phones":[{"number":"+49 30 1","type":"PHONE_TYPE_HOME"},{"type":1}],"birthdate":{"year":"1815","month":1.2e1,"day":10}},"idempotencyKey":"\u00e4\ud83d\ude00"}`,
		`{"submissions":[{"person":null},{}],"allOrNothing":true}`, `{"resume":{"after":{"epoch":"e","sequence":"1"},"submissions":3}}`,
		`{"since":"2026-01-31T08:00:00.5Z","filter":"true"}`, `{"all":{}}`, `{"last":3,"all":null}`, `{"after":{"sequence":1e3}}`, "{}", "[]", "", " null ", `{"a":[1,{"b":-0.5E+3}]}`,
	} {
		f.Add([]byte(seed))
	}
	messages := []proto.Message{
		&contactv1.SubmitPersonRequest{}, &contactv1.SubmitPersonsRequest{}, &contactv1.ImportPersonsRequest{},
		&contactv1.WatchPersonsRequest{}, &contactv1.GetStatusRequest{}, &contactv1.WatchPersonsResponse{}, &contactv1.SubmitPersonsResponse{},
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, message := range messages {
			if protojson.Unmarshal(text, proto.Clone(message)) == nil {
				continue
			}
			found := jsonmistakes.Find(text, message.ProtoReflect().Descriptor())
			if strings.Contains(found.Error(), "is not contact.v1.") {
				t.Errorf("%T: no mistake was found in %q", message, text)
			}
			expectPlainWords(t, found.Error())
		}
	})
}

// TestWhateverIsRefusedHasAMistake makes values of all kinds under the API's own names,
// where random bytes hardly ever come.
func TestWhateverIsRefusedHasAMistake(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{
		"person", "name", "email", "phones", "number", "type", "birthdate", "year", "month", "day", "idempotencyKey", "idempotency_key",
		"submissions", "allOrNothing", "resume", "after", "epoch", "sequence", "since", "last", "all", "filter", "x", "[x]",
	})
	scalars := rapid.SampledFrom([]string{
		`""`, `"Ada"`, `"5"`, `" 5"`, `"5 "`, `"1e1"`, `"1x"`, `"PHONE_TYPE_HOME"`, `"2026-01-31T08:00:00Z"`, `"2026-01-31"`, `"1.5s"`, `"NaN"`, `"true"`,
		"0", "-0", "1", "1.0", "1.5", "1e2", "1e400", "-1", "4294967296", "18446744073709551616", "true", "false", "null",
	})
	var value *rapid.Generator[string]
	member := rapid.Custom(func(r *rapid.T) string { return `"` + names.Draw(r, "name") + `":` + value.Draw(r, "value") })
	value = rapid.Deferred(func() *rapid.Generator[string] {
		return rapid.OneOf(scalars,
			rapid.Map(rapid.SliceOfN(member, 0, 4), func(all []string) string { return "{" + strings.Join(all, ",") + "}" }),
			rapid.Map(rapid.SliceOfN(value, 0, 3), func(all []string) string { return "[" + strings.Join(all, " , ") + "]" }))
	})
	messages := []proto.Message{&contactv1.SubmitPersonRequest{}, &contactv1.SubmitPersonsRequest{}, &contactv1.ImportPersonsRequest{}, &contactv1.WatchPersonsRequest{}}
	rapid.Check(t, func(r *rapid.T) {
		text := "{" + strings.Join(rapid.SliceOfN(member, 0, 4).Draw(r, "members"), ",") + "}"
		for _, message := range messages {
			if protojson.Unmarshal([]byte(text), proto.Clone(message)) == nil {
				continue
			}
			found := jsonmistakes.Find([]byte(text), message.ProtoReflect().Descriptor())
			if strings.Contains(found.Error(), "is not contact.v1.") {
				r.Fatalf("%T: no mistake was found in %s", message, text)
			}
		}
	})
}
