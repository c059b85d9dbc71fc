package format

import (
	"fmt"
	"strings"
	"time"

	contactv1 "rollcall/gen/contact/v1"
)

// phoneKinds is how the kinds of phones are written on the command line, in tables
// and in CSV. One that was not said is not written.
var phoneKinds = map[contactv1.PhoneType]string{
	contactv1.PhoneType_PHONE_TYPE_MOBILE: "mobile",
	contactv1.PhoneType_PHONE_TYPE_HOME:   "home",
	contactv1.PhoneType_PHONE_TYPE_WORK:   "work",
}

// PhoneKind is the word for a kind of phone, or "" where it was not said.
func PhoneKind(kind contactv1.PhoneType) string {
	return phoneKinds[kind]
}

// ParsePhone reads KIND:NUMBER, KIND being mobile, home or work, or just NUMBER.
// Whether the number is one is the server's to say.
func ParsePhone(text string) (*contactv1.PhoneNumber, error) {
	kind, number, typed := strings.Cut(text, ":")
	if !typed {
		return &contactv1.PhoneNumber{Number: text}, nil
	}

	for phoneType, name := range phoneKinds {
		if name == kind {
			return &contactv1.PhoneNumber{Number: number, Type: phoneType}, nil
		}
	}

	return nil, fmt.Errorf("phone %q: %q is not one of mobile, home, work", text, kind)
}

// Phone writes a phone as [ParsePhone] reads it.
func Phone(phone *contactv1.PhoneNumber) string {
	if kind := PhoneKind(phone.GetType()); kind != "" {
		return kind + ":" + phone.GetNumber()
	}

	return phone.GetNumber()
}

// ParseDate reads a day such as 1990-05-17.
func ParseDate(text string) (*contactv1.Date, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, fmt.Errorf("date %q is not a day that exists, written such as 1990-05-17", text)
	}

	return &contactv1.Date{
		Year:  int32(day.Year()),  //nolint:gosec // DateOnly has four digits.
		Month: int32(day.Month()), //nolint:gosec // At most 12.
		Day:   int32(day.Day()),   //nolint:gosec // At most 31.
	}, nil
}

// Date writes a day as [ParseDate] reads it, and one that was not said as "".
func Date(date *contactv1.Date) string {
	if date == nil {
		return ""
	}

	return fmt.Sprintf("%04d-%02d-%02d", date.GetYear(), date.GetMonth(), date.GetDay())
}
