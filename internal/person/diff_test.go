package person_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
)

func TestDiffNamesTheFirstField(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*contactv1.Person)
		want   string
	}{
		{"same", func(*contactv1.Person) {}, ""},
		{"name", func(p *contactv1.Person) { p.Name = "Bo" }, "person.name"},
		{"email", func(p *contactv1.Person) { p.Email = "" }, "person.email"},
		{"name before email", func(p *contactv1.Person) { p.Name, p.Email = "", "" }, "person.name"},
		{"number", func(p *contactv1.Person) { p.Phones[1].Number = "1" }, "person.phones[1].number"},
		{"type", func(p *contactv1.Person) { p.Phones[0].Type = 0 }, "person.phones[0].type"},
		{"a phone less", func(p *contactv1.Person) { p.Phones = p.Phones[:1] }, "person.phones[1]"},
		{"no phones", func(p *contactv1.Person) { p.Phones = nil }, "person.phones[0]"},
		{"no birthdate", func(p *contactv1.Person) { p.Birthdate = nil }, "person.birthdate"},
		{"year", func(p *contactv1.Person) { p.Birthdate.Year++ }, "person.birthdate.year"},
		{"month", func(p *contactv1.Person) { p.Birthdate.Month-- }, "person.birthdate.month"},
		{"day", func(p *contactv1.Person) { p.Birthdate.Day++ }, "person.birthdate.day"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changed := ada()
			test.change(changed)
			if got := person.Diff(ada(), changed); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := person.Diff(changed, ada()); got != test.want {
				t.Errorf("the other way round: got %q, want %q", got, test.want)
			}
			if same := proto.Equal(ada(), changed); same != (test.want == "") {
				t.Errorf("proto.Equal says %v", same)
			}
		})
	}
	if got := person.Diff(nil, ada()); got != "person" {
		t.Errorf("against nil: got %q", got)
	}
	if got := person.Diff(nil, nil); got != "" {
		t.Errorf("nil against nil: got %q", got)
	}
}
