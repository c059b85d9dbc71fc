package format

import (
	"testing"

	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

func TestPhones(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]*contactv1.PhoneNumber{
		"mobile:+49 151 1": {Number: "+49 151 1", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE},
		"home:1":           {Number: "1", Type: contactv1.PhoneType_PHONE_TYPE_HOME},
		"work:1":           {Number: "1", Type: contactv1.PhoneType_PHONE_TYPE_WORK},
		"030 1234567":      {Number: "030 1234567"},
		"fax:1":            nil,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			got, err := ParsePhone(text)
			if (err == nil) != (want != nil) || !proto.Equal(got, want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		})
	}
}

func TestDates(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]*contactv1.Date{
		"1990-05-17": {Year: 1990, Month: 5, Day: 17},
		"2024-02-29": {Year: 2024, Month: 2, Day: 29},
		"2023-02-29": nil,
		"17.5.1990":  nil,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			got, err := ParseDate(text)
			if (err == nil) != (want != nil) || !proto.Equal(got, want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		})
	}
}
