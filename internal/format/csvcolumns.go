package format

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	contactv1 "rollcall/gen/contact/v1"
)

// Columns says what CSV's columns are where their titles do not: a field of
// [ColumnFields], by title. The title * is every column that is not understood.
type Columns map[string]string

const (
	// leftOut is the field of columns that are not read.
	leftOut = "-"
	// others is the title of all that are not understood.
	others = "*"
	// rejectedTitle is the column of reasons that a file of rejected rows has.
	rejectedTitle = "rejected"
)

// setter puts a value, which is not empty, into a person.
type setter func(person *contactv1.Person, value string) error

var setters = map[string]setter{
	"name":      setName,
	"given":     setGiven,
	"family":    setName, // behind a given name, if there is one
	"email":     setEmail,
	"phone":     phoneOf(contactv1.PhoneType_PHONE_TYPE_UNSPECIFIED),
	"mobile":    phoneOf(contactv1.PhoneType_PHONE_TYPE_MOBILE),
	"home":      phoneOf(contactv1.PhoneType_PHONE_TYPE_HOME),
	"work":      phoneOf(contactv1.PhoneType_PHONE_TYPE_WORK),
	"phones":    addPhones,
	"birthdate": setBirthdate,
	leftOut:     leaveOut,
}

// ColumnFields are what a column can be: name, or given and family, which make one;
// email; phone, mobile, home and work, each as often as there are columns, and
// phones, several [KIND:]NUMBER with ; between; birthdate; and -, which leaves it
// out.
func ColumnFields() []string {
	return slices.Sorted(maps.Keys(setters))
}

// titles are what is understood without being told, in English and German, as
// normal makes them.
var titles = map[string]string{
	"name": "name", "fullname": "name", "displayname": "name",
	"firstname": "given", "givenname": "given", "vorname": "given",
	"lastname": "family", "familyname": "family", "surname": "family", "nachname": "family",
	"email": "email", "mail": "email", "emailaddress": "email", "emailadresse": "email",
	"phone": "phone", "phonenumber": "phone", "telephone": "phone", "tel": "phone", "telefon": "phone", "telefonnummer": "phone",
	"mobile": "mobile", "mobilephone": "mobile", "phonemobile": "mobile", "cell": "mobile", "cellphone": "mobile",
	"mobil": "mobile", "mobiltelefon": "mobile", "handy": "mobile",
	"homephone": "home", "phonehome": "home", "telefonprivat": "home",
	"workphone": "work", "phonework": "work", "businessphone": "work", "telefongeschäftlich": "work",
	"phones":    "phones",
	"birthdate": "birthdate", "birthday": "birthdate", "dateofbirth": "birthdate", "bday": "birthdate",
	"geburtsdatum": "birthdate", "geburtstag": "birthdate",
	// What AppendCSV and a file of rejected rows have besides.
	"sequence": leftOut, "publishedat": leftOut, rejectedTitle: leftOut,
}

// single reports the fields that one column alone can give.
func single(field string) bool {
	switch field {
	case "name", "given", "family", "email", "birthdate":
		return true
	default:
		return false
	}
}

// column is one of a CSV's.
type column struct {
	title string
	field string
	set   setter
}

// ColumnError says why a CSV's columns are not those of persons.
type ColumnError struct {
	// Problem is what is wrong, and what mends it.
	Problem string
	// Column and Field are the mapping that has the mistake, or that mends it; empty is
	// the one that is to be chosen.
	Column, Field string
}

func (e *ColumnError) Error() string { return e.Problem }

// assign finds each column's field. An error is a [ColumnError].
func (c Columns) assign(header []string) ([]column, error) {
	if err := c.check(header); err != nil {
		return nil, err
	}

	columns := make([]column, len(header))
	has := map[string]string{}

	for i, title := range header {
		field, known := c.field(title)

		if !known {
			return nil, &ColumnError{
				Problem: fmt.Sprintf("column %q is not understood: say which of %s it is; - leaves it out", title, strings.Join(ColumnFields(), ", ")),
				Column:  title,
			}
		}

		if other, taken := has[field]; taken && single(field) {
			return nil, doubled(other, title, field)
		}

		has[field] = title
		columns[i] = column{title: title, field: field, set: setters[field]}
	}

	return columns, complete(has)
}

// check refuses a mapping that makes no sense for the header.
func (c Columns) check(header []string) error {
	for _, title := range slices.Sorted(maps.Keys(c)) {
		if _, known := setters[c[title]]; !known {
			return &ColumnError{
				Problem: fmt.Sprintf("column %q can't be %q: it can be one of %s", title, c[title], strings.Join(ColumnFields(), ", ")),
				Column:  title, Field: c[title],
			}
		}

		if title != others && !slices.Contains(header, title) {
			return &ColumnError{
				Problem: fmt.Sprintf("there is no column %q that could be the %s; there are %q", title, c[title], header),
				Column:  title, Field: c[title],
			}
		}
	}

	return nil
}

func (c Columns) field(title string) (field string, known bool) {
	if field, known = c[title]; known {
		return field, true
	}

	if field, known = titles[normal(title)]; known {
		return field, true
	}

	field, known = c[others]

	return field, known
}

// complete makes sure that there can be a person in a row at all.
func complete(has map[string]string) error {
	_, name := has["name"]
	given, first := has["given"]
	_, family := has["family"]
	_, email := has["email"]

	switch {
	case name && first:
		return doubled(has["name"], given, "name")
	case name && family:
		return doubled(has["name"], has["family"], "name")
	case !name && !first && !family:
		return &ColumnError{Problem: "no column is the name: say which", Field: "name"}
	case !email:
		return &ColumnError{Problem: "no column is the e-mail: say which", Field: "email"}
	default:
		return nil
	}
}

// doubled is the error of two columns that can't both be one field; the other is left
// out.
func doubled(one, other, field string) error {
	return &ColumnError{
		Problem: fmt.Sprintf("columns %q and %q both are the %s: leave one out", one, other, field),
		Column:  other, Field: leftOut,
	}
}

// normal is a title's letters in lower case, so that "E-mail", "e_mail" and
// "Email 1" are one.
func normal(title string) string {
	return strings.Map(func(char rune) rune {
		if !unicode.IsLetter(char) {
			return -1
		}

		return unicode.ToLower(char)
	}, title)
}

func setName(person *contactv1.Person, value string) error {
	person.Name = strings.TrimSpace(person.GetName() + " " + value)

	return nil
}

// setGiven puts a given name before a family name that came first.
func setGiven(person *contactv1.Person, value string) error {
	person.Name = strings.TrimSpace(value + " " + person.GetName())

	return nil
}

func setEmail(person *contactv1.Person, value string) error {
	person.Email = value

	return nil
}

func setBirthdate(person *contactv1.Person, value string) (err error) {
	person.Birthdate, err = ParseDate(value)

	return err
}

func phoneOf(kind contactv1.PhoneType) setter {
	return func(person *contactv1.Person, value string) error {
		person.Phones = append(person.Phones, &contactv1.PhoneNumber{Number: value, Type: kind})

		return nil
	}
}

func addPhones(person *contactv1.Person, value string) error {
	for text := range strings.SplitSeq(value, ";") {
		phone, err := ParsePhone(strings.TrimSpace(text))
		if err != nil {
			return err
		}

		person.Phones = append(person.Phones, phone)
	}

	return nil
}

func leaveOut(*contactv1.Person, string) error { return nil }
