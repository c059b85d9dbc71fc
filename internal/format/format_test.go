package format

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

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
		if _, err := NewReader(strings.NewReader("\xff\xfen\x00"), format, nil); err == nil || !strings.Contains(err.Error(), "iconv -f UTF-16") {
			t.Errorf("%s: got %v", format, err)
		}
	}

	if _, err := NewReader(strings.NewReader(""), "xml", nil); err == nil {
		t.Error("an unknown format was taken")
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
			if named(was[0]) != named(is[0]) {
				t.Errorf("got %q, want %q", is, was)
			}

			if format == CSV && !strings.HasPrefix(rejectAll(t, format, rejected, why), "name;email;rejected\n") {
				t.Error("rejected again, there is a second column of reasons")
			}
		})
	}
}

// named is a description without its line.
func named(described string) string {
	_, described, _ = strings.Cut(described, " ")

	return described
}
