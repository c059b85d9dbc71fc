package person_test

import (
	"testing"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/person/persontest"
)

func TestEachFieldIsStored(t *testing.T) {
	t.Parallel()
	for _, field := range persontest.Fields(new(contactv1.Person)) {
		t.Run(field.Path, func(t *testing.T) {
			t.Parallel()
			for _, value := range field.Values() {
				for _, want := range []*contactv1.Person{
					field.With(new(contactv1.Person), value), field.With(persontest.Full(), value), field.Without(persontest.Full()),
				} {
					if got, err := person.Decode(encode(t, want)); err != nil || !field.Same(got, want) {
						t.Errorf("got %v (%v), want %v: encode.go and decode.go must know %s", got, err, want, field.Path)
					}
				}
			}
		})
	}
}

func TestEachFieldIsCounted(t *testing.T) {
	t.Parallel()
	for _, field := range persontest.Fields(new(contactv1.Person)) {
		t.Run(field.Path, func(t *testing.T) {
			t.Parallel()
			for _, value := range field.Values() {
				alone := field.With(new(contactv1.Person), value)
				if size, payload := person.Size(alone), encode(t, alone); size != len(payload) {
					t.Errorf("%v: %d bytes are counted, and %d written: size.go must know %s", alone, size, len(payload), field.Path)
				}
			}
		})
	}
}

func TestEachFieldIsCompared(t *testing.T) {
	t.Parallel()
	for _, field := range persontest.Fields(new(contactv1.Person)) {
		t.Run(field.Path, func(t *testing.T) {
			t.Parallel()
			persons := []*contactv1.Person{field.Without(persontest.Full())}
			for _, value := range field.Values() {
				persons = append(persons, field.With(persontest.Full(), value))
			}
			for i, a := range persons {
				for _, b := range persons[i+1:] {
					if got, want := person.Diff(a, b), "person."+field.Path; got != want {
						t.Errorf("between %v and %v it names %q, want %q: diff.go must know %s", a, b, got, want, field.Path)
					}
				}
			}
		})
	}
}
