package format

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	contactv1 "rollcall/gen/contact/v1"
)

// describe is a person on one line.
func describe(person *contactv1.Person) string {
	parts := []string{person.GetName()}
	if person.GetEmail() != "" {
		parts = append(parts, person.GetEmail())
	}

	for _, phone := range person.GetPhones() {
		parts = append(parts, Phone(phone))
	}

	if person.GetBirthdate() != nil {
		parts = append(parts, Date(person.GetBirthdate()))
	}

	return strings.Join(parts, " | ")
}

// read describes all rows of a text.
func read(t *testing.T, format Format, text string, columns Columns) (rows []string) {
	t.Helper()

	reader, err := NewReader(strings.NewReader(text), format, columns)
	if err != nil {
		return []string{err.Error()}
	}

	for {
		row, err := reader.Next()

		switch {
		case errors.Is(err, io.EOF):
			return rows
		case err != nil:
			return append(rows, err.Error())
		case row.Err != nil:
			rows = append(rows, fmt.Sprintf("%d: %v", row.Line, row.Err))
		default:
			rows = append(rows, fmt.Sprintf("%d %s", row.Line, describe(row.Person)))
		}
	}
}

// rejectAll is the file of rejected rows, were all of a text's rejected.
func rejectAll(t *testing.T, format Format, text, why string) string {
	t.Helper()

	reader, err := NewReader(strings.NewReader(text), format, nil)
	if err != nil {
		t.Fatal(err)
	}

	rejected := reader.Preface()

	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return string(rejected)
		}

		if err != nil {
			t.Fatal(err)
		}

		rejected = reader.AppendRejected(rejected, row, why)
	}
}

func wantLines(t *testing.T, got, want []string) {
	t.Helper()

	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestFormatsByExtension(t *testing.T) {
	t.Parallel()

	for path, want := range map[string]Format{
		"a.ndjson": NDJSON, "a.jsonl": NDJSON, "a.b.CSV": CSV, "a.vcf": VCard, "a.vcard": VCard, "a.txt": "", "a": "", "-": "",
	} {
		if got, known := Of(path); got != want || known != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", path, got, known, want)
		}
	}
}

func TestTextThatIsNotUTF8IsSaidAtOnce(t *testing.T) {
	t.Parallel()

	for _, format := range []Format{NDJSON, CSV, VCard} {
		for _, text := range []string{"\xff\xfen\x00", "\xfe\xff\x00n"} {
			if _, err := NewReader(strings.NewReader(text), format, nil); err == nil || !strings.Contains(err.Error(), "iconv -f UTF-16") {
				t.Errorf("%s: got %v", format, err)
			}
		}
	}

	if _, err := NewReader(strings.NewReader(""), "xml", nil); err == nil {
		t.Error("an unknown format was taken")
	}
}

// TestAReadingThatFailsIsNoEnd: whoever reads to the end has all rows, and no half one.
func TestAReadingThatFailsIsNoEnd(t *testing.T) {
	t.Parallel()

	const card = "BEGIN:VCARD\nFN:Ada\nEND:VCARD\n"

	long := strings.Repeat("a", maxRow+1)

	for format, texts := range map[Format][]string{
		NDJSON: {"", "{\"name\":\"Ada\"}\n", "{\"name\":\"Ada\"}\n{\"name\"", "{\"name\":\"Ada\"}\n" + long},
		CSV:    {"", "name,email", "name,email\nAda,a\n", "name,email\nAda,a\nBea,b", "name,email\nAda,a\nBea,\"b\n"},
		VCard:  {"", card, card + "BEGIN:VC", card + "BEGIN:VCARD\n", card + "BEGIN:VCARD\nFN:Bea", card + "BEGIN:VCARD\nNOTE:" + long},
	} {
		for _, text := range texts {
			rows, err := rowsBefore(io.MultiReader(strings.NewReader(text), iotest.ErrReader(errDisk)), format)

			whole := strings.Count(text, "Ada")
			if !errors.Is(err, errDisk) || len(rows) != whole {
				t.Errorf("%s: %.60q: got %d rows and %v, want %d and %v", format, text, len(rows), err, whole, errDisk)
			}

			if line := fmt.Sprintf("line %d:", 1+strings.Count(text, "\n")); format != CSV && !strings.Contains(err.Error(), line) {
				t.Errorf("%s: %.60q: got %v, want it at %s", format, text, err, line)
			}
		}
	}
}

var errDisk = errors.New("the disk is gone")

// rowsBefore are the rows before an error.
func rowsBefore(in io.Reader, format Format) (rows []Row, err error) {
	reader, err := NewReader(in, format, nil)
	for err == nil {
		var row Row
		if row, err = reader.Next(); err == nil {
			rows = append(rows, row)
		}
	}

	return rows, err
}

// TestRowsAreAsTheyCame compares them at the end, when all has been read over.
func TestRowsAreAsTheyCame(t *testing.T) {
	t.Parallel()

	const many = 3000 // far more than a reader keeps

	long := strings.Repeat("long ", 200)

	for _, test := range []struct {
		format      Format
		header, row string
	}{
		{NDJSON, "", `{"name":"%d ` + long + `"}`},
		{CSV, "name,email\n", `"%d ` + long + `",a`},
		{VCard, "", "BEGIN:VCARD\r\nFN:%d " + long + "\r\nEND:VCARD"},
		{VCard, "", "BEGIN:VCARD\r\nFN:%d " + long}, // without ends
	} {
		var text strings.Builder

		text.WriteString(test.header)

		for i := range many {
			fmt.Fprintf(&text, test.row+"\n", i)
		}

		rows, err := rowsBefore(strings.NewReader(text.String()), test.format)
		if !errors.Is(err, io.EOF) || len(rows) != many {
			t.Fatalf("%s: got %d rows and %v", test.format, len(rows), err)
		}

		for i := range rows {
			if want := fmt.Sprintf(test.row, i); string(rows[i].Raw) != want {
				t.Fatalf("%s: row %d is %.40q, want %.40q", test.format, i, rows[i].Raw, want)
			}
		}
	}
}

// TestRowsTooLongAreNotKept: they are told, and their reason alone is written.
func TestRowsTooLongAreNotKept(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("a", maxRow+1)

	for format, test := range map[Format]struct{ text, rejected string }{
		NDJSON: {long + "\n", "# line 1: why\n"},
		VCard:  {"BEGIN:VCARD\nNOTE:" + long + "\nFN:Ada\nEND:VCARD\n", "X-ROLLCALL-REJECTED:why\r\n"},
	} {
		rows, _ := rowsBefore(strings.NewReader(test.text), format)
		if len(rows) != 1 || rows[0].Raw != nil || !errors.Is(rows[0].Err, errLongRow) {
			t.Fatalf("%s: got %d rows", format, len(rows))
		}

		if got := rejectAll(t, format, test.text, "why"); got != test.rejected {
			t.Errorf("%s: got %q, want %q", format, got, test.rejected)
		}
	}
}

// TestRejectedRowsAreReadAgain holds for every format: a file of rejected rows has
// them as they came, and a reader passes over the reasons.
func TestRejectedRowsAreReadAgain(t *testing.T) {
	t.Parallel()

	for format, test := range map[Format]struct{ text, rejected string }{
		NDJSON: {
			"{\"name\":\"Ada\"}\n\n{\"name\":1}\n",
			"# line 1: email: \"no, never; \\ \"\n{\"name\":\"Ada\"}\n# line 3: email: \"no, never; \\ \"\n{\"name\":1}\n",
		},
		CSV: {
			"name;email\r\n\"Ada; \r\nLovelace\";a@example.org\r\n\r\nBea;b\r\n",
			"name;email;rejected\n\"Ada; \r\nLovelace\";a@example.org;\"email: \"\"no, never; \\ \"\"\"\nBea;b;\"email: \"\"no, never; \\ \"\"\"\n",
		},
		VCard: {
			"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nNOTE:long\r\n er\r\nEND:VCARD\r\n\r\nnonsense\n",
			"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nNOTE:long\r\n er\r\nX-ROLLCALL-REJECTED:email: \"no\\, never\\; \\\\ \"\r\nEND:VCARD\r\nnonsense\r\nX-ROLLCALL-REJECTED:email: \"no\\, never\\; \\\\ \"\r\n",
		},
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()

			const why = `email: "no, never; \ "`
			rejected := rejectAll(t, format, test.text, why)

			if rejected != test.rejected {
				t.Fatalf("got\n%q, want\n%q", rejected, test.rejected)
			}

			was, is := read(t, format, test.text, nil), read(t, format, rejected, nil)
			if named(was[0]) != named(is[0]) || len(was) != len(is) {
				t.Errorf("got %q, want %q", is, was)
			}
		})
	}
}

// TestRowsAreRejectedAgain: a file of rejected rows that is imported again gives the
// same file, with the reasons of this time.
func TestRowsAreRejectedAgain(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("a", maxRow)

	for format, test := range map[Format]struct {
		text string
		// reasons is how many rows have room for one the second time.
		reasons int
	}{
		NDJSON: {"{\"name\":\"Ada\"}\n\n{\"name\":1}\n" + long + "\n", 2},
		CSV:    {"name;email\n\"Ada\r\n\"\"Countess\"\"\r\nLovelace\";\"a;b\"\n\nBea\nCy;c,d;d;e\nD\"i;d\n", 1},
		VCard: {
			"nonsense\r\nBEGIN:VCARD\r\nFN:Ada\r\nEND:VCARD\r\nBEGIN:VCARD\r\nNOTE:" + long +
				"\r\nEND:VCARD\r\nmore\r\nBEGIN:VCARD\r\nFN:B\r\nBEGIN:VCARD\r\nFN:C\r\n", 5,
		},
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()

			why := "first, and so long that it takes more than one line: " + strings.Repeat("why? ", 30)
			first := rejectAll(t, format, test.text, why)
			second := rejectAll(t, format, first, "second")

			if got := strings.Count(second, "second"); got != test.reasons {
				t.Errorf("%d rows have the second reason, want %d:\n%q", got, test.reasons, second)
			}

			third := rejectAll(t, format, second, why)

			// Remarks say the line, which is another where one was left out.
			if fourth := rejectAll(t, format, third, "second"); fourth != second && format != NDJSON {
				t.Errorf("got\n%q, want\n%q", fourth, second)
			}

			was, again, thrice := read(t, format, first, nil), read(t, format, second, nil), read(t, format, third, nil)
			if !slices.EqualFunc(was, again, sameRow) || !slices.EqualFunc(was, thrice, sameRow) {
				t.Errorf("got\n%q and\n%q, want\n%q", again, thrice, was)
			}
		})
	}
}

// TestARowWithoutItsReasonKeepsItsValues: who mended a row may have taken the reason out.
func TestARowWithoutItsReasonKeepsItsValues(t *testing.T) {
	t.Parallel()

	const text = "name,email,rejected\nAda,ada@example.org\n"
	if got := rejectAll(t, CSV, text, "why"); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
}

// sameRow compares descriptions without their lines.
func sameRow(a, b string) bool { return named(a) == named(b) }

// named is a description without its line.
func named(described string) string {
	_, described, _ = strings.Cut(described, " ")

	return described
}
