package person_test

import (
	"errors"
	"testing"
	"unicode"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/person/persontest"
)

// brokenBy is the first rule that a person breaks, and "" for none.
func brokenBy(t *testing.T, p *contactv1.Person) string {
	t.Helper()
	err := protovalidate.Validate(p)
	broken, is := errors.AsType[*protovalidate.ValidationError](err)
	if err != nil && !is {
		t.Fatal(err)
	}
	if !is {
		return ""
	}
	return broken.Violations[0].Proto.GetRuleId()
}

func called(name string) *contactv1.Person {
	return &contactv1.Person{Name: name, Email: "ada@example.org"}
}

func TestNames(t *testing.T) {
	t.Parallel()
	names := persontest.ReadNames(t)
	for _, test := range names.Accepted {
		if got := brokenBy(t, called(test.Name)); got != "" {
			t.Errorf("%s: %+q breaks %s", test.What, test.Name, got)
		}
	}
	for _, test := range names.Refused {
		if got := brokenBy(t, called(test.Name)); got != test.Rule {
			t.Errorf("%s: %+q breaks %q, want %q", test.What, test.Name, got, test.Rule)
		}
	}
}

// TestNamesOfInvisibleCharacters tries each of them alone and within a name.
func TestNamesOfInvisibleCharacters(t *testing.T) {
	t.Parallel()
	names := persontest.ReadNames(t)
	for _, char := range append(names.Invisible.All(), names.Invisible.Edges()...) {
		alone, within := "", ""
		if names.Invisible.Has(char) {
			alone = "person.name.blank"
		}
		switch {
		case names.Controls.Has(char):
			within = "person.name.control"
		case names.Directions.Has(char):
			within = "person.name.direction"
		}
		if got := brokenBy(t, called(string(char))); got != alone {
			t.Errorf("%U alone breaks %q, want %q", char, got, alone)
		}
		if got := brokenBy(t, called("A"+string(char)+"a")); got != within {
			t.Errorf("%U within a name breaks %q, want %q", char, got, within)
		}
	}
}

// TestInvisibleIsWhatUnicodeSays holds the list to Unicode's tables.
func TestInvisibleIsWhatUnicodeSays(t *testing.T) {
	t.Parallel()
	const blankOfBraille = '\u2800' // a sign without a dot
	names := persontest.ReadNames(t)
	for char := range rune(unicode.MaxRune + 1) {
		want := char == blankOfBraille ||
			unicode.In(char, unicode.Cc, unicode.Z, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
			unicode.Is(unicode.Cf, char) && !unicode.Is(unicode.Prepended_Concatenation_Mark, char)
		if got := names.Invisible.Has(char); got != want {
			t.Errorf("%U is invisible: %v, want %v", char, got, want)
		}
		if got, want := names.Controls.Has(char), unicode.In(char, unicode.Cc, unicode.Zl, unicode.Zp); got != want {
			t.Errorf("%U is a control: %v, want %v", char, got, want)
		}
	}
}

// TestNamesOfOthersAreRead: what is on the stream is shown, though it would be refused
// today.
func TestNamesOfOthersAreRead(t *testing.T) {
	t.Parallel()
	for _, name := range persontest.ReadNames(t).Refused {
		want := called(name.Name)
		if got, err := person.Decode(encode(t, want)); err != nil || !proto.Equal(got, want) {
			t.Errorf("%s: got %v (%v), want %v", name.What, got, err, want)
		}
	}
}

// TestNothingInvisibleElsewhere shows that the shapes of e-mail addresses and phone
// numbers have no room for what names are rid of.
func TestNothingInvisibleElsewhere(t *testing.T) {
	t.Parallel()
	names := persontest.ReadNames(t)
	for _, char := range names.Invisible.Edges() {
		if !names.Invisible.Has(char) {
			continue
		}
		for _, at := range []func(string) string{
			func(text string) string { return string(char) + text },
			func(text string) string { return text[:2] + string(char) + text[2:] },
			func(text string) string { return text + string(char) },
		} {
			email := at("ada@example.org")
			if got := brokenBy(t, &contactv1.Person{Name: "Ada", Email: email}); got != "string.email" {
				t.Errorf("the address %+q breaks %q", email, got)
			}
			number := at("+4930 1")
			p := called("Ada")
			p.Phones = []*contactv1.PhoneNumber{{Number: number}}
			if got := brokenBy(t, p); got != "phone_number.number" && (char != ' ' || number[0] == ' ') {
				t.Errorf("the number %+q breaks %q", number, got)
			}
		}
	}
}
