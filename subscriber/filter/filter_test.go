package filter

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
)

const costLimit = 10_000

func ada() *contactv1.Person {
	return &contactv1.Person{
		Name: "Ada Lovelace", Email: "Ada@example.org",
		Phones:    []*contactv1.PhoneNumber{{Number: "+44 20 7946 0001", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE}, {Number: "030"}},
		Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
	}
}

func compiler(tb testing.TB) *Compiler {
	tb.Helper()
	c, err := NewCompiler(costLimit)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestMatches(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	someone := &contactv1.Person{Name: "Élodie 😀", Email: "e@example.com"}
	for text, want := range map[string][2]bool{
		`true`:                                  {true, true},
		`false`:                                 {false, false},
		`person.email.endsWith("@example.org")`: {true, false},
		`person.email.lowerAscii().startsWith("ada@")`:                               {true, false},
		`person.email.substring(0, person.email.indexOf("@")) == "e"`:                {false, true},
		`person.name.matches("(?i)^ada ")`:                                           {true, false},
		`person.name == "Élodie 😀" && size(person.name) == 8`:                        {false, true},
		`has(person.birthdate)`:                                                      {true, false},
		`has(person.birthdate) && person.birthdate.year < 2000`:                      {true, false},
		`person.birthdate.year < 2000`:                                               {true, true}, // unset reads as zero
		`person.phones.exists(p, p.type == contact.v1.PhoneType.PHONE_TYPE_MOBILE)`:  {true, false},
		`person.phones.exists(p, p.type == 1)`:                                       {true, false},
		`size(person.phones) > 1 && person.phones[1].number == "030"`:                {true, false},
		`person.phones.all(p, p.number.startsWith("+"))`:                             {false, true},
		`false` + strings.Repeat(` || person.name == "x"`, 150):                      {false, false},
		"person.name != ''\n  // those with a birthdate\n  && has(person.birthdate)": {true, false},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			f, err := c.Compile(text)
			if err != nil {
				t.Fatal(err)
			}
			for i, person := range []*contactv1.Person{ada(), someone} {
				if got, err := f.Matches(person); err != nil || got != want[i] {
					t.Errorf("of %s: got %v, %v, want %v", person.GetName(), got, err, want[i])
				}
			}
		})
	}
}

func TestWhatIsWrongIsSaidWithItsPlace(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	for text, want := range map[string]string{
		`person.emial == "x"`:                "column 8: undefined field 'emial'",
		`person. emial == "x"`:               "column 9: undefined field 'emial'",
		`"😀é" == "" || person.emial == 1`:    "column 22: undefined field 'emial'",
		"true &&\n  person.emial == ''":      "line 2, column 10: undefined field 'emial'",
		`person.name`:                        "column 1: must be bool, is string",
		`person`:                             "column 1: must be bool, is contact.v1.Person",
		`dyn(true)`:                          "column 1: must be bool, is dyn",
		`email == "x"`:                       "column 1: unknown name 'email': write person.email",
		`birthdate.year == 1`:                "column 1: unknown name 'birthdate': write person.birthdate",
		`persons.name == "x"`:                "column 1: unknown name 'persons': what there is to ask about is person, and CEL's functions",
		`person.name.replace("", "x") == ""`: "column 20: unknown name 'replace': what there is to ask about is person, and CEL's functions",
		`person.name == 1`:                   "column 13: '==' cannot be applied to (string, int)",
		`!person.name`:                       "column 1: '!' cannot be applied to (string)",
		`person.name.startsWith(1)`:          "column 23: 'startsWith' cannot be applied to string.(int)",
		`person.name ==`:                     "column 15: unexpected end of the filter",
		`person.name == "x`:                  `column 16: unexpected '"x'`,
		`person.name = "x"`:                  "column 13: unexpected '= '",
		`(true`:                              "column 6: missing ')' before end of the filter",
		`true)`:                              "column 5: unexpected ')'",
		`true true`:                          "column 6: unexpected 'true'", //nolint:dupword // the mistake,
		`#`:                                  "column 1: unexpected '#'",
		``:                                   "column 1: must not be empty",
		" \n":                                "line 1, column 1: must not be empty",
		`person.name.matches("(")`:           "column 21: the regular expression is wrong: error parsing regexp: missing closing ): `(`",
		`person.name.matches(person.email)`:  "column 28: a regular expression must be written out, as in matches('^A')",
		`person.name.matches("(a?){1000}")`:  "column 21: the regular expression is too large: repeat less in it, as by {100}",
		`[1].all(a, [1].all(b, [1].all(c, [1].all(d, a + b + c + d > 0))))`: "column 41: more than 3 of all, exists, exists_one, map and filter stand in one another",
		strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60):          "column 1: is nested too deeply; at most 50 levels",
		`true` + strings.Repeat(" ", MaxLength):                             "column 1: must be at most 4096 characters long, is 4100",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := c.Compile(text)
			if e := (*Error)(nil); !errors.As(err, &e) || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestAPersonLargerThanAnyFromTheGatewayIsNoMatch(t *testing.T) {
	t.Parallel()
	f, err := compiler(t).Compile(`true`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Matches(&contactv1.Person{Name: strings.Repeat("a", maxSize)}); got || err == nil {
		t.Errorf("got %v, %v, want an error", got, err)
	}
}

// BenchmarkDearest evaluates what costs the most time for each unit of cost, for
// the largest person that is looked at.
func BenchmarkDearest(b *testing.B) {
	c := compiler(b)
	hundredTimes := `[1,2,3,4,5,6,7,8,9,10].exists(a, [1,2,3,4,5,6,7,8,9,10].exists(b, %s))`
	for _, text := range []string{
		`person.name.matches("(?:a?){60}b")`,
		`person.name.matches("(x+x+)+y")`,
		`person.name.contains("aaaaaaaaaaaaaaaaaaaaaaaaab")`,
		`person.name + person.name == "x"`,
		`person.name.indexOf("aaaaaaaaaaaaaaaaaaaaaaaaab") == 3`,
		`person.name.charAt(199) == "x"`,
		`size(person.name) == 0`,
	} {
		f, err := c.Compile(fmt.Sprintf(hundredTimes, text))
		if err != nil {
			b.Fatal(err)
		}
		person := &contactv1.Person{Name: strings.Repeat("a", maxSize/2)}
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				_, _ = f.Matches(person) // too dear, or false
			}
		})
	}
}

func TestEvaluationErrors(t *testing.T) {
	t.Parallel()
	c := compiler(t)
	for text, want := range map[string]string{
		`person.phones[7].number == ""`:          "index out of bounds: 7",
		`1 / (person.birthdate.month - 12) == 1`: "division by zero",
		`person.name.substring(99) == ""`:        "index out of range: 99",
		`int(person.name) == 1`:                  "type conversion error",
		`[person.name]` + strings.Repeat(`.map(x, x`+strings.Repeat(` + x`, 40)+`)`, 3) + ` == []`:                                                            "cost limit exceeded",
		`[[1]]` + strings.Repeat(`.map(x, x`+strings.Repeat(` + x`, 40)+`)`, 3) + ` == []`:                                                                    "cost limit exceeded",
		`[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15].all(a, [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15].all(b, [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15].all(c, a+b+c > 0)))`: "cost limit exceeded",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			f, err := c.Compile(text)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := f.Matches(ada()); got || err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, %v, want an error with %q", got, err, want)
			}
		})
	}
}

// FuzzCompile: no text crashes it, what is wrong has a place in the text, and
// what compiles can be asked about any person.
func FuzzCompile(f *testing.F) {
	for _, text := range []string{
		`person.email.endsWith("@example.org")`,
		`has(person.birthdate) && person.birthdate.year < 2000`,
		`person.phones.exists(p, p.type == contact.v1.PhoneType.PHONE_TYPE_MOBILE)`,
		`[1, 2].map(x, x * 2)[5] > {"a": 1}.a`,
		`person.name.matches("^[a-z]+$") ? timestamp("2026-05-17T08:00:00Z") > timestamp(0) : 1 / 0 == 1`,
		"person.\nemial", `"😀`, `b"\xff" == bytes(person.name)`, `dyn(1)`, `((((`,
	} {
		f.Add(text)
	}
	c := compiler(f)
	people := []*contactv1.Person{ada(), {}, nil}
	f.Fuzz(func(t *testing.T, text string) {
		compiled, err := c.Compile(text)
		if err == nil {
			for _, person := range people {
				_, _ = compiled.Matches(person)
			}
			return
		}
		wrong, ok := errors.AsType[*Error](err)
		if !ok {
			t.Fatalf("%v is no Error", err)
		}
		lines := strings.Split(text, "\n")
		if wrong.Line < 1 || wrong.Line > len(lines) || wrong.Column < 1 || wrong.Column > len([]rune(lines[wrong.Line-1]))+1 {
			t.Fatalf("%v has no place in %q", wrong, text)
		}
		if wrong.Message == "" || strings.Contains(err.Error(), "\n") {
			t.Fatalf("%q is not one sentence", err)
		}
	})
}

func BenchmarkMatches(b *testing.B) {
	for name, text := range map[string]string{
		"endsWith":  `person.email.endsWith("@x.org")`,
		"birthdate": `has(person.birthdate) && person.birthdate.year < 2000`,
		"matches":   `person.name.matches("^Ada ")`,
		"exists":    `person.phones.exists(p, p.type == 1)`,
	} {
		b.Run(name, func(b *testing.B) {
			f, err := compiler(b).Compile(text)
			if err != nil {
				b.Fatal(err)
			}
			person := ada()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Matches(person); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	c := compiler(b)
	for b.Loop() {
		if _, err := c.Compile(`has(person.birthdate) && person.birthdate.year < 2000`); err != nil {
			b.Fatal(err)
		}
	}
}
