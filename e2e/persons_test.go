package e2e

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// complete is a person with all there is, known by its e-mail address.
func complete(id string) *contactv1.Person {
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

// bare is a person with no more than must be said.
func bare(id string) *contactv1.Person {
	return &contactv1.Person{Name: "Grace", Email: id + "@example.org"}
}

// invalid breaks a rule in each of invalidPaths.
func invalid() *contactv1.Person {
	return &contactv1.Person{
		Name: " ", Email: "ada",
		Phones:    []*contactv1.PhoneNumber{{Number: "+49 30 1234567"}, {Number: "none"}},
		Birthdate: &contactv1.Date{Year: 2023, Month: 2, Day: 30},
	}
}

var invalidPaths = []string{"person.birthdate", "person.email", "person.name", "person.phones[1].number"}

func requireSame(t *testing.T, got, want proto.Message) {
	t.Helper()

	if !proto.Equal(got, want) {
		t.Fatalf("got  %s\nwant %s", toJSON(got), toJSON(want))
	}
}

func toJSON(message proto.Message) string {
	encoded, err := protojson.Marshal(message)
	if err != nil {
		return fmt.Sprint(err)
	}

	return string(encoded)
}

func fromJSON[M proto.Message](t *testing.T, encoded []byte, message M) M {
	t.Helper()

	if err := protojson.Unmarshal(encoded, message); err != nil {
		t.Fatalf("%v in %q", err, encoded)
	}

	return message
}
