package payload

import (
	"bytes"
	"errors"
	"fmt"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
)

// Person is the person that carries a stamp as their name. With the rest of
// the event that a watcher gets it is about [Size] bytes.
func Person(stamp []byte) *contactv1.Person {
	return &contactv1.Person{
		Name:      string(stamp),
		Email:     "ada.king.lovelace@mathematics.example.org",
		Phones:    []*contactv1.PhoneNumber{{Number: "+44 20 7946 000001", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE}},
		Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
	}
}

// Mould makes encoded persons that differ in their stamp alone.
type Mould struct {
	message []byte
	at      int
}

var errNoStamp = errors.New("the encoded person does not hold its name as it is")

// NewMould returns a mould.
func NewMould() (*Mould, error) {
	stamp := New()[:StampSize]
	message, err := person.Encode(nil, Person(stamp))
	if err != nil {
		return nil, fmt.Errorf("encode a person: %w", err)
	}
	at := bytes.Index(message, stamp)
	if at < 0 {
		return nil, errNoStamp
	}
	return &Mould{message: message, at: at}, nil
}

// Cast returns a message of its own.
func (m *Mould) Cast(event []byte) []byte {
	message := bytes.Clone(m.message)
	copy(message[m.at:], event[:StampSize])
	return message
}
