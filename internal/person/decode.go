package person

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"capnproto.org/go/capnp/v3"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/schema"
)

// maxPhones is how many phones a message of MaxPayload can hold in our layout. A
// list of smaller elements could claim many more than its bytes are worth.
const maxPhones = MaxPayload / phoneSize

// Decode reads a message of the stream: a person's Cap'n Proto message, of one or
// several segments, or the older publishers' bare JSON array of its bytes, which
// begins with '['. The payload may be anything at all; it is not kept.
//
// It is not validated against the API's rules: other publishers' persons are
// shown as they are, with empty fields if need be. A phone type of a newer schema
// is PHONE_TYPE_UNSPECIFIED. Every person it returns, Encode takes.
//
// The error is for an operator to read and names the field where there is one; it
// is ErrTooLarge for a message, or a person, beyond MaxPayload.
func Decode(payload []byte) (*contactv1.Person, error) {
	if len(payload) == 0 {
		return nil, errors.New("empty message")
	}
	if payload[0] == '[' {
		message, err := DecodeJSONArray(payload)
		if err != nil {
			return nil, fmt.Errorf("JSON array: %w", err)
		}
		payload = message
	}
	return decodeMessage(payload)
}

func decodeMessage(payload []byte) (*contactv1.Person, error) {
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("%w: it takes %d", ErrTooLarge, len(payload))
	}
	if err := checkFrame(payload); err != nil {
		return nil, fmt.Errorf("not a Cap'n Proto message: %w", err)
	}
	message, err := capnp.Unmarshal(payload)
	if err != nil {
		return nil, fmt.Errorf("not a Cap'n Proto message: %w", err)
	}
	defer message.Release()
	// A well-formed message is a tree: reading all of it once never reads more
	// than its own bytes. One whose pointers meet again would let a few bytes
	// unfold into many.
	message.TraverseLimit = uint64(len(payload))
	return readPerson(message)
}

func readPerson(message *capnp.Message) (*contactv1.Person, error) {
	pointer, err := message.Root()
	if err != nil {
		return nil, fmt.Errorf("person: %w", err)
	}
	if !pointer.IsValid() {
		return nil, errNoPerson
	}
	root := schema.Person(pointer.Struct())
	if !root.IsValid() {
		return nil, fmt.Errorf("person: %w", errWrongKind)
	}
	p := new(contactv1.Person)
	if p.Name, err = readText("name", root.HasName(), root.NameBytes); err != nil {
		return nil, err
	}
	if p.Email, err = readText("email", root.HasEmail(), root.EmailBytes); err != nil {
		return nil, err
	}
	if p.Birthdate, err = readDate(root); err != nil {
		return nil, fmt.Errorf("birthdate: %w", err)
	}
	if p.Phones, err = readPhones(root); err != nil {
		return nil, err
	}
	// Elements smaller than ours make a person larger than its message.
	if size := shapeOf(p).size(); size > MaxPayload {
		return nil, fmt.Errorf("%w: written out it takes %d", ErrTooLarge, size)
	}
	return p, nil
}

// readText reads one text field; one that is not set is "". The library gives no
// bytes, and no error, for a pointer to anything else.
func readText(field string, set bool, read func() ([]byte, error)) (string, error) {
	if !set {
		return "", nil
	}
	text, err := read()
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", field, err)
	case text == nil:
		return "", fmt.Errorf("%s is not a text that ends in NUL", field)
	case !utf8.Valid(text):
		return "", fmt.Errorf("%s is %w", field, errNotUTF8)
	}
	return string(text), nil
}

func readDate(root schema.Person) (*contactv1.Date, error) {
	if !root.HasBirthdate() {
		return nil, nil //nolint:nilnil // A birthdate that was not said is no error.
	}
	date, err := root.Birthdate()
	if err != nil {
		return nil, err
	}
	if !date.IsValid() {
		return nil, errWrongKind
	}
	return &contactv1.Date{
		Year:  int32(date.Year()),
		Month: int32(date.Month()),
		Day:   int32(date.Day()),
	}, nil
}

func readPhones(root schema.Person) ([]*contactv1.PhoneNumber, error) {
	if !root.HasPhones() {
		return nil, nil
	}
	list, err := root.Phones()
	switch {
	case err != nil:
		return nil, fmt.Errorf("phones: %w", err)
	case !list.IsValid():
		return nil, fmt.Errorf("phones: %w", errWrongKind)
	case list.Len() > maxPhones:
		return nil, fmt.Errorf("phones: %w: there are %d", ErrTooLarge, list.Len())
	}
	// All in one piece: one allocation, not one a phone.
	numbers := make([]contactv1.PhoneNumber, list.Len())
	phones := make([]*contactv1.PhoneNumber, list.Len())
	for i := range numbers {
		phones[i] = &numbers[i]
		if err := readPhone(i, list.At(i), phones[i]); err != nil {
			return nil, err
		}
	}
	return phones, nil
}

func readPhone(i int, from schema.Person_PhoneNumber, to *contactv1.PhoneNumber) error {
	// An element of a list of bits is the one kind that cannot be a struct.
	if !from.IsValid() {
		return fmt.Errorf("phones[%d]: %w", i, errWrongKind)
	}
	to.Type = apiType(from.Type())
	number, err := readText("number", from.HasNumber(), from.NumberBytes)
	if err != nil {
		return fmt.Errorf("phones[%d].%w", i, err)
	}
	to.Number = number
	return nil
}
