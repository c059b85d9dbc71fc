package gateway

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person/persontest"
)

// TestPlainlyValidKeepsTheRules asks both about submissions at the edges of the
// rules: what is called plainly valid must be so by the rules themselves.
func TestPlainlyValidKeepsTheRules(t *testing.T) {
	t.Parallel()
	odd := oddCharacters(t)
	rapid.Check(t, func(t *rapid.T) {
		request := drawSubmission(t, odd)
		if err := protovalidate.Validate(request); err != nil && plainlyValid(request, time.Now()) {
			t.Fatalf("called plainly valid: %v\n%v", request, err)
		}
	})
}

func TestPlainlyValidKnowsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*contactv1.SubmitPersonRequest){
		"all":             func(*contactv1.SubmitPersonRequest) {},
		"no key":          func(r *contactv1.SubmitPersonRequest) { r.IdempotencyKey = "" },
		"name and e-mail": func(r *contactv1.SubmitPersonRequest) { r.Person.Phones, r.Person.Birthdate = nil, nil },
		"not ASCII":       func(r *contactv1.SubmitPersonRequest) { r.Person.Name = "Zoë Ångström 王" },
		"other scripts": func(r *contactv1.SubmitPersonRequest) {
			r.Person.Name = "Νίκη Жанна דוד محمد अमित สมชาย さくら 민준"
		},
		"tagged address":    func(r *contactv1.SubmitPersonRequest) { r.Person.Email = "ada.l+news@mail.example-host.org" },
		"number to a house": func(r *contactv1.SubmitPersonRequest) { r.Person.Phones[0].Number = "030 (123) 45-67/8 x9" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := plainSubmission()
			change(request)
			if !plainlyValid(request, time.Now()) {
				t.Error("left to the rules")
			}
		})
	}
}

// TestPlainlyValidEndsWhereTheRulesDo has submissions one step past the rules.
func TestPlainlyValidEndsWhereTheRulesDo(t *testing.T) {
	t.Parallel()
	nextYear := int32(time.Now().UTC().Year()) + 1
	for name, change := range map[string]func(*contactv1.SubmitPersonRequest){
		"no person":                    func(r *contactv1.SubmitPersonRequest) { r.Person = nil },
		"a key too long":               func(r *contactv1.SubmitPersonRequest) { r.IdempotencyKey = strings.Repeat("k", 129) },
		"a key of a space":             func(r *contactv1.SubmitPersonRequest) { r.IdempotencyKey = " " },
		"a name too long":              func(r *contactv1.SubmitPersonRequest) { r.Person.Name = strings.Repeat("a", 201) },
		"a name of spaces":             func(r *contactv1.SubmitPersonRequest) { r.Person.Name = "  " },
		"an address too long":          func(r *contactv1.SubmitPersonRequest) { r.Person.Email = strings.Repeat("a", 243) + "@example.org" },
		"no mailbox":                   func(r *contactv1.SubmitPersonRequest) { r.Person.Email = "@example.org" },
		"no host":                      func(r *contactv1.SubmitPersonRequest) { r.Person.Email = "ada@" },
		"a host too long":              func(r *contactv1.SubmitPersonRequest) { r.Person.Email = "ada@" + strings.Repeat("a", 64) },
		"a host that begins with -":    func(r *contactv1.SubmitPersonRequest) { r.Person.Email = "ada@-example.org" },
		"a host that ends with -":      func(r *contactv1.SubmitPersonRequest) { r.Person.Email = "ada@example-.org" },
		"a host with nothing in it":    func(r *contactv1.SubmitPersonRequest) { r.Person.Email = "ada@example..org" },
		"a phone too many":             func(r *contactv1.SubmitPersonRequest) { r.Person.Phones = slices.Repeat(r.Person.Phones, 21) },
		"a kind of phone too many":     func(r *contactv1.SubmitPersonRequest) { r.Person.Phones[0].Type = 4 },
		"a kind of phone below all":    func(r *contactv1.SubmitPersonRequest) { r.Person.Phones[0].Type = -1 },
		"a number too short":           func(r *contactv1.SubmitPersonRequest) { r.Person.Phones[0].Number = "1" },
		"a number too short for its +": func(r *contactv1.SubmitPersonRequest) { r.Person.Phones[0].Number = "+1" },
		"a number too long":            func(r *contactv1.SubmitPersonRequest) { r.Person.Phones[0].Number = strings.Repeat("1", 32) },
		"a number that begins with x":  func(r *contactv1.SubmitPersonRequest) { r.Person.Phones[0].Number = "x123" },
		"no month":                     func(r *contactv1.SubmitPersonRequest) { r.Person.Birthdate.Month = 0 },
		"a month too many":             func(r *contactv1.SubmitPersonRequest) { r.Person.Birthdate.Month = 13 },
		"no day":                       func(r *contactv1.SubmitPersonRequest) { r.Person.Birthdate.Day = 0 },
		"31 April":                     func(r *contactv1.SubmitPersonRequest) { r.Person.Birthdate.Month, r.Person.Birthdate.Day = 4, 31 },
		"29 February":                  func(r *contactv1.SubmitPersonRequest) { r.Person.Birthdate.Month, r.Person.Birthdate.Day = 2, 29 },
		"no year":                      func(r *contactv1.SubmitPersonRequest) { r.Person.Birthdate.Year = 0 },
		"next year":                    func(r *contactv1.SubmitPersonRequest) { r.Person.Birthdate.Year = nextYear },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := plainSubmission()
			change(request)
			if protovalidate.Validate(request) == nil {
				t.Fatal("the rules take it")
			}
			if plainlyValid(request, time.Now()) {
				t.Error("called plainly valid")
			}
		})
	}
}

// refuser stands for rules that take nothing.
type refuser struct{}

func (refuser) Validate(proto.Message, ...protovalidate.ValidationOption) error {
	return errors.New("refused")
}

func TestOnlyWhatIsPlainlyValidIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	odd := plainSubmission()
	odd.Person.Name = "\u200bAda"
	for name, test := range map[string]struct {
		message proto.Message
		options []protovalidate.ValidationOption
		asked   bool
	}{
		"plainly valid":           {plainSubmission(), nil, false},
		"not plainly":             {odd, nil, true},
		"with other conditions":   {plainSubmission(), []protovalidate.ValidationOption{protovalidate.WithFailFast()}, true},
		"another kind of request": {&contactv1.SubmitPersonsRequest{}, nil, true},
	} {
		if err := (validator{refuser{}}).Validate(test.message, test.options...); (err != nil) != test.asked {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestPlainLettersCanBeSeen tries every character there is.
func TestPlainLettersCanBeSeen(t *testing.T) {
	t.Parallel()
	invisible := persontest.ReadNames(t).Invisible
	for char := range rune(unicode.MaxRune + 1) {
		if plainLetter(char) && (invisible.Has(char) || char < utf8.RuneSelf) {
			t.Errorf("%U is called a plain letter", char)
		}
	}
}

// FuzzPlainlyValidNames: a name that is plainly valid breaks no rule.
func FuzzPlainlyValidNames(f *testing.F) {
	names := persontest.ReadNames(f)
	for _, name := range append(names.Accepted, names.Refused...) {
		f.Add(name.Name)
	}
	for _, char := range names.Invisible.Edges() {
		f.Add(string(char))
		f.Add("A" + string(char))
	}
	f.Fuzz(func(t *testing.T, name string) {
		request := plainSubmission()
		request.Person.Name = name
		if plainlyValid(request, time.Now()) {
			if err := protovalidate.Validate(request); err != nil {
				t.Errorf("called plainly valid: %+q: %v", name, err)
			}
		}
	})
}

// TestPlainlyValidLooksAtEachField puts into each field, those that are added later as
// well, what no rule would take. Who finds that plainly valid has not looked at it.
func TestPlainlyValidLooksAtEachField(t *testing.T) {
	t.Parallel()
	for _, field := range persontest.Fields(plainSubmission()) {
		if field.Holder() && !field.Descriptor().IsList() {
			continue // what it holds is looked at
		}
		t.Run(field.Path, func(t *testing.T) {
			t.Parallel()
			request := plainSubmission()
			putNonsense(t, request, field)
			if plainlyValid(request, time.Now()) {
				t.Errorf("plainly valid without a look at %s: validator.go must know it", field.Path)
			}
		})
	}
}

// putNonsense sets a field to what no sensible rule takes: far too many, too long, too
// large, or unknown.
func putNonsense(t *testing.T, request *contactv1.SubmitPersonRequest, field persontest.Field) {
	t.Helper()
	const far = 1 << 16
	switch descriptor := field.Descriptor(); {
	case descriptor.IsList():
		field.PutMany(request, far)
	case descriptor.Kind() == protoreflect.StringKind:
		field.Put(request, protoreflect.ValueOfString(strings.Repeat("\x00", far)))
	case descriptor.Kind() == protoreflect.BytesKind:
		field.Put(request, protoreflect.ValueOfBytes(make([]byte, far)))
	case descriptor.Kind() == protoreflect.EnumKind:
		field.Put(request, protoreflect.ValueOfEnum(far))
	case descriptor.Kind() == protoreflect.Int32Kind:
		field.Put(request, protoreflect.ValueOfInt32(math.MinInt32))
	default:
		t.Fatalf("say what no rule takes for a %s, or why %s needs no look", descriptor.Kind(), field.Path)
	}
}

func plainSubmission() *contactv1.SubmitPersonRequest {
	return &contactv1.SubmitPersonRequest{
		IdempotencyKey: "0198c0de-7a11-7a11-8a11-a11ce0ffee00",
		Person: &contactv1.Person{
			Name: "Ada Lovelace", Email: "ada@example.org",
			Phones:    []*contactv1.PhoneNumber{{Number: "+44 20 7946 0001", Type: contactv1.PhoneType_PHONE_TYPE_WORK}},
			Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
		},
	}
}

// oddCharacters are those that can't be seen, those beside them, and any.
func oddCharacters(t *testing.T) *rapid.Generator[rune] {
	t.Helper()
	return rapid.OneOf(rapid.SampledFrom(persontest.ReadNames(t).Invisible.Edges()), rapid.Rune(), rapid.RuneFrom([]rune("aé ")))
}

// drawSubmission draws a plain one with up to two fields at an edge.
func drawSubmission(t *rapid.T, odd *rapid.Generator[rune]) *contactv1.SubmitPersonRequest {
	request := plainSubmission()
	person := request.GetPerson()
	edges := []func(){
		func() { request.Person = nil },
		func() { request.IdempotencyKey = drawText(t, "key", " !~aZ0-\x7f\x1fé", 127, 130) },
		func() { person.Name = drawText(t, "name", " \t\r\n\x00\x7f\x1faZé王", 66, 202) },
		func() { person.Name = rapid.StringOfN(odd, 1, 3, -1).Draw(t, "odd name") },
		func() { person.Email = drawEmail(t) },
		func() { person.Phones[0].Number = drawText(t, "number", "+(0123456789) .-/#xa", 31, 33) },
		func() { person.Phones[0].Type = contactv1.PhoneType(rapid.Int32Range(-1, 5).Draw(t, "type")) },
		func() {
			for range rapid.IntRange(18, 20).Draw(t, "more phones") {
				person.Phones = append(person.Phones, person.GetPhones()[0])
			}
		},
		func() { person.Birthdate = drawDate(t) },
	}
	for range rapid.IntRange(1, 2).Draw(t, "edges") {
		if request.GetPerson() != nil {
			rapid.SampledFrom(edges).Draw(t, "edge")()
		}
	}
	return request
}

// drawText draws a short text of an alphabet, or one of about the most characters.
func drawText(t *rapid.T, label, alphabet string, least, most int) string {
	length := rapid.OneOf(rapid.IntRange(0, 6), rapid.IntRange(least, most)).Draw(t, label+" length")
	if length > 6 && rapid.Bool().Draw(t, label+" of one") {
		return strings.Repeat(string(rapid.SampledFrom([]rune(alphabet)).Draw(t, label)), length)
	}
	return rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), length, length, -1).Draw(t, label)
}

func drawEmail(t *rapid.T) string {
	local := drawText(t, "local", "aZ09.!#$%&'*+/=?^_`{|}~-@ é\"", 187, 192)
	labels := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return drawText(t, "label", "aZ09-_.", 62, 64) }), 0, 3).Draw(t, "labels")
	return local + rapid.SampledFrom([]string{"@", "@", "@", ""}).Draw(t, "at") + strings.Join(labels, ".")
}

func drawDate(t *rapid.T) *contactv1.Date {
	now := time.Now().UTC()
	return &contactv1.Date{
		Year:  rapid.SampledFrom([]int32{-1, 0, 1, 1900, 2000, 2023, 2024, int32(now.Year()) - 1, int32(now.Year()), int32(now.Year()) + 1, 9999, 10000}).Draw(t, "year"),
		Month: rapid.Int32Range(-1, 14).Draw(t, "month"),
		Day:   rapid.Int32Range(-1, 33).Draw(t, "day"),
	}
}

func BenchmarkValidate(b *testing.B) {
	for name, v := range map[string]protovalidate.Validator{"rules": protovalidate.GlobalValidator, "plainly": validator{protovalidate.GlobalValidator}} {
		b.Run(name, func(b *testing.B) {
			request := plainSubmission()
			b.ReportAllocs()
			for b.Loop() {
				if err := v.Validate(request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
