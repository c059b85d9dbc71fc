// Package persons has those that the end-to-end tests submit.
package persons

import (
	contactv1 "rollcall/gen/contact/v1"
)

// Complete is a person with all there is, known by its e-mail address.
func Complete(id string) *contactv1.Person {
	return &contactv1.Person{
		Name:  "Ada Lovelace, Gräfin \"λ\" 愛",
		Email: id + "@example.org",
		Phones: []*contactv1.PhoneNumber{
			{Number: "+44 20 7946 0001", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE},
			{Number: "020 7946 0002", Type: contactv1.PhoneType_PHONE_TYPE_HOME},
			{Number: "020 7946 0003", Type: contactv1.PhoneType_PHONE_TYPE_WORK},
			{Number: "020 7946 0004"},
		},
		Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
	}
}

// Bare is a person with no more than must be said.
func Bare(id string) *contactv1.Person {
	return &contactv1.Person{Name: "Grace", Email: id + "@example.org"}
}

// Invalid breaks a rule in each of InvalidPaths.
func Invalid() *contactv1.Person {
	return &contactv1.Person{
		Name: " ", Email: "ada",
		Phones:    []*contactv1.PhoneNumber{{Number: "+49 30 1234567"}, {Number: "none"}},
		Birthdate: &contactv1.Date{Year: 2023, Month: 2, Day: 30},
	}
}

// InvalidPaths are the fields that are wrong with the invalid person.
var InvalidPaths = []string{"person.birthdate", "person.email", "person.name", "person.phones[1].number"}
