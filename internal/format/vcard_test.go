package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	contactv1 "rollcall/gen/contact/v1"
)

const noYear = " is no whole date: write year, month and day, such as 1990-05-17, or leave it out"

// TestVCardsOfAddressBooks has cards in the shapes that address books export.
func TestVCardsOfAddressBooks(t *testing.T) {
	t.Parallel()

	for file, want := range map[string][]string{
		"apple.vcf": {
			"1 Dr. Jürgen Müller-Lüdenscheidt | juergen@example.org | mobile:+49 151 23456789 | mobile:+49 (170) 1234567 | 030 / 1234567 | work:+49 30 7654321 | 1971-11-05",
			`20: BDAY: "1604-05-17"` + noYear,
		},
		"google.vcf": {
			"1 渡辺 美咲 | misaki@example.jp | mobile:+81 90-1234-5678 | work:03-1234-5678 | 1988-02-29",
			"13 Parts Of Only Jr. | parts@example.org",
		},
		"nextcloud.vcf": {
			"1 Zoë Łukasz-Østergård with a name that is so long that it has to be folded, twice even: once here and once more right in the middle of a word | first@example.org | home:+45-33-12-34-56 x102 | mobile:+45 20 12 34 56 | mobile:+45 21 00 00 00 | 1953-10-15",
		},
		"outlook.vcf": {"1: VERSION: vCard 2.1 is not read: export it as 3.0 or 4.0"},
		"unix.vcf":    {"1 No Carriage; Returns | a@example.org | home:1 2", "10 No Version"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()

			text, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}

			wantLines(t, read(t, VCard, string(text), nil), want)
		})
	}
}

// TestVCardsOfAddressBooksComeBack reads what address books export, writes it in
// every format, and reads it again.
func TestVCardsOfAddressBooksComeBack(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob(filepath.Join("testdata", "*.vcf"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}

	came := 0

	for _, file := range files {
		for _, person := range personsIn(t, file) {
			comesBack(t, event(person))

			came++
		}
	}

	if came < 6 {
		t.Errorf("%d persons came back, want all that can be read", came)
	}
}

func personsIn(t *testing.T, file string) (persons []*contactv1.Person) {
	t.Helper()

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	reader, err := NewReader(strings.NewReader(string(text)), VCard, nil)
	if err != nil {
		t.Fatal(err)
	}

	for row, err := reader.Next(); err == nil; row, err = reader.Next() {
		if row.Err == nil {
			persons = append(persons, row.Person)
		}
	}

	return persons
}

func event(person *contactv1.Person) *contactv1.PersonEvent {
	return &contactv1.PersonEvent{
		Sequence:    7,
		PublishedAt: timestamppb.New(time.Date(2026, 5, 17, 8, 0, 0, 123, time.UTC)),
		Payload:     &contactv1.PersonEvent_Person{Person: person},
	}
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// comesBack writes an event as vCard and as CSV and reads its person again.
func comesBack(t failer, event *contactv1.PersonEvent) {
	t.Helper()

	header := CSVHeader()

	for format, write := range map[Format]func([]byte, *contactv1.PersonEvent) ([]byte, error){
		VCard: AppendVCard,
		CSV: func(to []byte, event *contactv1.PersonEvent) ([]byte, error) {
			return AppendCSV(append(to, header...), event)
		},
	} {
		text, err := write(nil, event)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}

		reader, err := NewReader(strings.NewReader(string(text)), format, nil)
		if err != nil {
			t.Fatalf("%s: %v\n%s", format, err, text)
		}

		row, err := reader.Next()
		if err != nil || row.Err != nil || !proto.Equal(row.Person, event.GetPerson()) {
			t.Fatalf("%s: got %v, %v, %v; want %v from\n%s", format, row.Person, row.Err, err, event.GetPerson(), text)
		}

		for line := range strings.Lines(string(text)) {
			if format == VCard && len(strings.TrimRight(line, "\r\n")) > 75 {
				t.Fatalf("line %q is longer than 75 bytes", line)
			}
		}
	}
}

// TestEveryPersonComesBack tries persons as the server takes them.
func TestEveryPersonComesBack(t *testing.T) {
	t.Parallel()

	phone := rapid.Custom(func(t *rapid.T) *contactv1.PhoneNumber {
		return &contactv1.PhoneNumber{
			Number: rapid.StringMatching(`[+(]?[0-9][0-9 ().\-/#x]{0,29}[0-9]`).Draw(t, "number"),
			Type:   contactv1.PhoneType(rapid.Int32Range(0, 3).Draw(t, "kind")),
		}
	})

	rapid.Check(t, func(t *rapid.T) {
		person := &contactv1.Person{
			Name:  rapid.StringMatching(`[^\pZ\pC\x{fffd}]([\\;,:nN]{0,4}[^\pC\x{fffd}]{0,100}[^\pZ\pC\x{fffd}])?`).Draw(t, "name"),
			Email: rapid.StringMatching(`[a-z0-9.+]{1,30}@[a-z]{1,20}\.org`).Draw(t, "email"),
		}

		person.Phones = rapid.SliceOfN(phone, 0, 20).Draw(t, "phones")
		if len(person.GetPhones()) == 0 {
			person.Phones = nil
		}

		if rapid.Bool().Draw(t, "birthdate") {
			person.Birthdate = &contactv1.Date{
				Year: rapid.Int32Range(1, 9999).Draw(t, "year"), Month: rapid.Int32Range(1, 12).Draw(t, "month"), Day: rapid.Int32Range(1, 28).Draw(t, "day"),
			}
		}

		comesBack(t, event(person))
	})
}

func TestRowsOfVCards(t *testing.T) {
	t.Parallel()

	card := func(lines ...string) string {
		return "BEGIN:VCARD\nVERSION:4.0\nFN:Ada\n" + strings.Join(append(lines, ""), "\n") + "END:VCARD\n"
	}

	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":              {"", nil},
		"blank lines":          {"\n\r\n", nil},
		"byte order mark":      {"\xef\xbb\xbf" + card(), []string{"1 Ada"}},
		"lower case":           {strings.ToLower(card()), []string{"1 ada"}},
		"no vCard at all":      {"hello\n" + card(), []string{"1: not within a vCard, which begins with BEGIN:VCARD", "2 Ada"}},
		"a fold of nothing":    {" hello\n" + card(), []string{"1: not within a vCard, which begins with BEGIN:VCARD", "2 Ada"}},
		"a fold of a reason":   {"X-ROLLCALL-REJECTED:a\n b\n\tc\n" + card(), []string{"4 Ada"}},
		"cut off":              {card() + "BEGIN:VCARD\nFN:B", []string{"1 Ada", "5: cut off: no END:VCARD"}},
		"no end":               {"BEGIN:VCARD\nFN:B\n" + card(), []string{"1: no END:VCARD before the next begins", "3 Ada"}},
		"a line too long":      {card("NOTE:"+strings.Repeat("a", maxRow)) + card(), []string{"1: longer than 1048576 bytes", "6 Ada"}},
		"too many lines":       {card(strings.Repeat("NOTE:a\n", maxRow/7)) + card(), []string{"1: longer than 1048576 bytes", "149802 Ada"}},
		"a line without colon": {card("TEL 123"), []string{`1: "TEL 123" is no property of a vCard`}},
		"vCard 2.1's types":    {card("TEL;CELL:123"), []string{"1: TEL: CELL is vCard 2.1's way to say a type, which is not read: export it as 3.0 or 4.0"}},
		"no year":              {card("BDAY:--0517"), []string{`1: BDAY: "--0517"` + noYear}},
		"a year alone":         {card("BDAY:1990"), []string{`1: BDAY: "1990"` + noYear}},
		"words":                {card("BDAY;VALUE=text:circa 1800"), []string{`1: BDAY: "circa 1800"` + noYear}},
		"a day that is none":   {card("BDAY:19900230"), []string{`1: BDAY: date "1990-02-30" is not a day that exists, written such as 1990-05-17`}},
		"Latin-1":              {card("NOTE:Andr\xe9"), []string{"1: " + errNotUTF8.Error()}},
		"an extension and more": {
			card("TEL;VALUE=uri:tel:+1-202;ext=3;phone-context=+1"), []string{"1 Ada | +1-202 x3"},
		},
		"a separator that belongs to a part": {
			"BEGIN:VCARD\nN:Smith\\;Jones;Ada\\, Bea\\\\;;Dr\\.;\nEND:VCARD\n", []string{`1 Dr\. Ada, Bea\ Smith;Jones`},
		},
		"a part that ends in half an escape": {"BEGIN:VCARD\nN:Smith;Ada\\\nEND:VCARD\n", []string{`1 Ada\ Smith`}},
		"escapes":                            {card(`EMAIL:a\:b\\;c\\n\N`), []string{"1 Ada | a:b\\;c\\n\n"}},
		"fold within a character": {
			"BEGIN:VCARD\nFN:J\xc3\n \xbcrgen\nEND:VCARD\n", []string{"1 Jürgen"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantLines(t, read(t, VCard, test.text, nil), test.want)
		})
	}
}

// TestNamesOfOthersAreOneProperty has what others put on the stream, and a name without
// an address.
func TestNamesOfOthersAreOneProperty(t *testing.T) {
	t.Parallel()

	text, err := AppendVCard(nil, event(&contactv1.Person{
		Name:   "Ada\rTEL:1\r\nNOTE:x\nURL:y",
		Phones: []*contactv1.PhoneNumber{{Number: "1\rURL:z"}},
	}))
	if err != nil {
		t.Fatal(err)
	}

	want := "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\\nTEL:1\\nNOTE:x\\nURL:y\r\nREV:20260517T080000Z\r\nTEL:1\\nURL:z\r\nEND:VCARD\r\n"
	if string(text) != want {
		t.Errorf("got\n%q, want\n%q", text, want)
	}
}
