package format

import (
	"errors"
	"strings"
	"testing"
)

func TestRowsOfCSV(t *testing.T) {
	t.Parallel()

	fields := strings.Join(ColumnFields(), ", ")

	for name, test := range map[string]struct {
		text    string
		columns Columns
		want    []string
	}{
		"nothing":         {"", nil, nil},
		"a header alone":  {"name,email\n", nil, nil},
		"plain":           {"name,email\nAda,a@example.org\nBea,b@example.org", nil, []string{"2 Ada | a@example.org", "3 Bea | b@example.org"}},
		"byte order mark": {"\xef\xbb\xbfname,email\nAda,a@example.org\n", nil, []string{"2 Ada | a@example.org"}},
		"every field": {
			"Full Name,E-mail,Phone 1,Phone 2,Mobile,Home phone,Work phone,Date of birth\nAda,a@example.org,1,,2,3,4,1990-05-17\n", nil,
			[]string{"2 Ada | a@example.org | 1 | mobile:2 | home:3 | work:4 | 1990-05-17"},
		},
		"German, with semicolons": {
			"Nachname;Vorname;E-Mail-Adresse;Handy;Geburtstag\r\nLovelace;Ada;a@example.org;+49 151 1;1990-05-17\r\n", nil,
			[]string{"2 Ada Lovelace | a@example.org | mobile:+49 151 1 | 1990-05-17"},
		},
		"tabs":                      {"email\tfirst name\tlast name\na@example.org\tAda\tLovelace\n", nil, []string{"2 Ada Lovelace | a@example.org"}},
		"line breaks within quotes": {"name,email\n\"Ada\nLovelace\",a\n\nBea,b\n", nil, []string{"2 Ada\nLovelace | a", "5 Bea | b"}},
		"several phones in one column": {
			"name,email,phones\nAda,a,+49 30 1; mobile:2;work:3\n", nil, []string{"2 Ada | a | +49 30 1 | mobile:2 | work:3"},
		},
		"mapped": {
			"Who,Contact,Note\nAda,a,nice\n", Columns{"Who": "name", "Contact": "email", "*": "-"}, []string{"2 Ada | a"},
		},
		"a column that is not understood": {
			"name,email,nick\n", nil,
			[]string{"column \"nick\" is not understood: say which of " + fields + " it is; - leaves it out"},
		},
		"a mapping to nothing known": {"name,email\n", Columns{"name": "nam"}, []string{`column "name" can't be "nam": it can be one of ` + fields}},
		"a mapping of no column":     {"name,email\n", Columns{"Name": "name"}, []string{`there is no column "Name" that could be the name; there are ["name" "email"]`}},
		"two columns of one field":   {"name,email,mail\n", nil, []string{`columns "email" and "mail" both are the email: leave one out`}},
		"a name and its parts":       {"name,email,first name\n", nil, []string{`columns "name" and "first name" both are the name: leave one out`}},
		"a name and a family name":   {"name,email,surname\n", nil, []string{`columns "name" and "surname" both are the name: leave one out`}},
		"no name":                    {"email\n", nil, []string{"no column is the name: say which"}},
		"no e-mail":                  {"name\n", nil, []string{"no column is the e-mail: say which"}},
		"too few columns":            {"name,email\nAda\nBea,b\n", nil, []string{"2: 1 columns, where the header has 2", "3 Bea | b"}},
		"too many columns":           {"name,email\nAda,a,b\nBea,b\n", nil, []string{"2: 3 columns, where the header has 2", "3 Bea | b"}},
		"spaces around values":       {"name,email\n Ada , a\t\n", nil, []string{"2 Ada | a"}},
		"a given name alone":         {"first name,email\nAda,a\n", nil, []string{"2 Ada | a"}},
		"a family name alone":        {"surname,email\nLovelace,a\n", nil, []string{"2 Lovelace | a"}},
		"as many semicolons as commas": {
			"name,email;x\n", nil, []string{"column \"email;x\" is not understood: say which of " + fields + " it is; - leaves it out"},
		},
		"a broken row of several lines": {
			"name,email\n\"A\nda\"x,a\nBea,b\n", nil,
			[]string{"2: a value that begins with a \" and does not end with one: write \"\" for each in it (line 3, character 3)", "4 Bea | b"},
		},
		"a row too long": {
			"name,email\nAda,a\nBea,\"" + strings.Repeat("b\n", maxRow/2+maxRow/16) + "\"\n", nil,
			[]string{"2 Ada | a", "reading CSV after line 2: a row is longer than 1048576 bytes; is a quote never closed?"},
		},
		"a quote out of place":      {"name,email\nA\"da,a\nBea,b\n", nil, []string{"2: a \" in a value that does not begin with one: put the value in quotes, and write \"\" for each in it (line 2, character 2)", "3 Bea | b"}},
		"something behind a quote":  {"name,email\n\"A\"da,a\nBea,b\n", nil, []string{"2: a value that begins with a \" and does not end with one: write \"\" for each in it (line 2, character 3)", "3 Bea | b"}},
		"a date of another kind":    {"name,email,birthday\nAda,a,17.5.1990\n", nil, []string{`2: column "birthday": date "17.5.1990" is not a day that exists, written such as 1990-05-17`}},
		"a kind of phone not known": {"name,email,phones\nAda,a,fax:1\n", nil, []string{`2: column "phones": phone "fax:1": "fax" is not one of mobile, home, work`}},
		"Latin-1":                   {"name,email\nAndr\xe9,a\nBea,b\n", nil, []string{"2: " + errNotUTF8.Error(), "3 Bea | b"}},
		"Latin-1 in the header":     {"name,email,Gesch\xe4ft\n", nil, []string{"the CSV's header: " + errNotUTF8.Error()}},
		"a quote in the header":     {"na\"me,email\n", nil, []string{`the CSV's header: a " in a value that does not begin with one: put the value in quotes, and write "" for each in it (line 1, character 3)`}},
		"a quote that is never closed": {
			"name,email\nAda,a\nBea,\"" + strings.Repeat("b\n", maxRow), nil,
			[]string{"2 Ada | a", "reading CSV after line 2: a row is longer than 1048576 bytes; is a quote never closed?"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantLines(t, read(t, CSV, test.text, test.columns), test.want)
		})
	}
}

// TestAMistakeInTheColumnsNamesTheMapping has the mapping that has it, or that mends it.
func TestAMistakeInTheColumnsNamesTheMapping(t *testing.T) {
	t.Parallel()

	for header, test := range map[string]struct {
		columns       Columns
		column, field string
	}{
		"name,email,nick":    {nil, "nick", ""},
		"name,email":         {Columns{"name": "nam"}, "name", "nam"},
		"Name,email":         {Columns{"name": "name"}, "name", "name"},
		"name,email,mail":    {nil, "mail", "-"},
		"name,email,Vorname": {nil, "Vorname", "-"},
		"name,email,surname": {nil, "surname", "-"},
		"email":              {nil, "", "name"},
		"name":               {nil, "", "email"},
	} {
		_, err := NewReader(strings.NewReader(header+"\n"), CSV, test.columns)

		var wrong *ColumnError
		if !errors.As(err, &wrong) || wrong.Column != test.column || wrong.Field != test.field {
			t.Errorf("%s: got %#v, want the mapping of %q to %q", header, err, test.column, test.field)
		}
	}
}
