package person

import (
	"fmt"

	contactv1 "rollcall/gen/contact/v1"
)

// Diff is the path of the first field, in which
// a and b are not the same person: "person.email", "person.phones[1].number". It
// is "" when they are the same, "person" when only one of them is nil. Fields
// that the API does not know are not compared: they are not stored either.
func Diff(a, b *contactv1.Person) string {
	switch {
	case (a == nil) != (b == nil):
		return "person"
	case a.GetName() != b.GetName():
		return "person.name"
	case a.GetEmail() != b.GetEmail():
		return "person.email"
	}
	if path := diffPhones(a.GetPhones(), b.GetPhones()); path != "" {
		return "person." + path
	}
	if path := diffDates(a.GetBirthdate(), b.GetBirthdate()); path != "" {
		return "person." + path
	}
	return ""
}

func diffPhones(a, b []*contactv1.PhoneNumber) string {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a) || i >= len(b):
			return fmt.Sprintf("phones[%d]", i)
		case a[i].GetNumber() != b[i].GetNumber():
			return fmt.Sprintf("phones[%d].number", i)
		case a[i].GetType() != b[i].GetType():
			return fmt.Sprintf("phones[%d].type", i)
		}
	}
	return ""
}

func diffDates(a, b *contactv1.Date) string {
	switch {
	case (a == nil) != (b == nil):
		return "birthdate"
	case a.GetYear() != b.GetYear():
		return "birthdate.year"
	case a.GetMonth() != b.GetMonth():
		return "birthdate.month"
	case a.GetDay() != b.GetDay():
		return "birthdate.day"
	}
	return ""
}
