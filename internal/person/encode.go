package person

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"unicode/utf8"

	"capnproto.org/go/capnp/v3"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/schema"
)

// Messages are pooled for their pointer tables; their arenas and buffers come
// from pools of the library's own, which clears them on the way back.
var messages = sync.Pool{New: func() any { return new(capnp.Message) }}

// Encode appends the person's message to dst: one segment, framed and unpacked,
// the bytes that capnp.Message.Marshal gives. Texts that are empty, a birthdate
// and phones that were not said are null pointers.
//
// The error is ErrTooLarge when the message would exceed MaxPayload; otherwise it
// names the field that the schema cannot hold. dst comes back as it was then.
func Encode(dst []byte, p *contactv1.Person) ([]byte, error) {
	if err := check(p); err != nil {
		return dst, fmt.Errorf("encode person: %w", err)
	}
	if size := shapeOf(p).size(); size > MaxPayload {
		return dst, fmt.Errorf("encode person: %w: it would take %d", ErrTooLarge, size)
	}
	message, ok := messages.Get().(*capnp.Message)
	if !ok {
		message = new(capnp.Message)
	}
	defer func() {
		message.Release()
		messages.Put(message)
	}()
	segment, err := message.Reset(capnp.SingleSegment(nil))
	if err != nil {
		return dst, fmt.Errorf("encode person: make room for the message: %w", err)
	}
	if err := write(segment, p); err != nil {
		return dst, fmt.Errorf("encode person: %w", err)
	}
	return appendFrame(dst, segment.Data()), nil
}

// appendFrame appends one segment with its framing: the number of segments less
// one, then the segment's length in words.
func appendFrame(dst, segment []byte) []byte {
	dst = slices.Grow(dst, headerSize+len(segment))
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(segment)/wordSize)) //nolint:gosec // At most MaxPayload.
	return append(dst, segment...)
}

func shapeOf(p *contactv1.Person) shape {
	s := shape{
		texts:     textSize(len(p.GetName())) + textSize(len(p.GetEmail())),
		phones:    len(p.GetPhones()),
		birthdate: p.GetBirthdate() != nil,
	}
	for _, phone := range p.GetPhones() {
		s.texts += textSize(len(phone.GetNumber()))
	}
	return s
}

// check finds what the schema cannot hold, so that write never has to give up
// half-way. The API's rules are stricter and were asked before; this holds
// whoever calls.
func check(p *contactv1.Person) error {
	if p == nil {
		return errNoPerson
	}
	if err := checkText("name", p.GetName()); err != nil {
		return err
	}
	if err := checkText("email", p.GetEmail()); err != nil {
		return err
	}
	for i, phone := range p.GetPhones() {
		if err := checkPhone(phone); err != nil {
			return fmt.Errorf("phones[%d].%w", i, err)
		}
	}
	return checkDate(p.GetBirthdate())
}

func checkText(field, text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s is %w", field, errNotUTF8)
	}
	return nil
}

func checkPhone(phone *contactv1.PhoneNumber) error {
	if err := checkText("number", phone.GetNumber()); err != nil {
		return err
	}
	if _, ok := schemaType(phone.GetType()); !ok {
		return fmt.Errorf("type: %d is not one that can be stored", phone.GetType())
	}
	return nil
}

func checkDate(date *contactv1.Date) error {
	switch {
	case date.GetYear() < math.MinInt16 || date.GetYear() > math.MaxInt16:
		return outOfRange("year", date.GetYear())
	case date.GetMonth() < 0 || date.GetMonth() > math.MaxUint8:
		return outOfRange("month", date.GetMonth())
	case date.GetDay() < 0 || date.GetDay() > math.MaxUint8:
		return outOfRange("day", date.GetDay())
	}
	return nil
}

func outOfRange(field string, value int32) error {
	return fmt.Errorf("birthdate.%s: %d cannot be stored", field, value)
}

// write builds the person in an empty message's segment. The order of the calls
// is the order of the objects in the bytes.
func write(segment *capnp.Segment, p *contactv1.Person) error {
	root, err := schema.NewRootPerson(segment)
	if err != nil {
		return fmt.Errorf("write person: %w", err)
	}
	if err := errors.Join(root.SetName(p.GetName()), root.SetEmail(p.GetEmail())); err != nil {
		return fmt.Errorf("write name and email: %w", err)
	}
	if err := writeDate(root, p.GetBirthdate()); err != nil {
		return fmt.Errorf("write birthdate: %w", err)
	}
	if err := writePhones(root, p.GetPhones()); err != nil {
		return fmt.Errorf("write phones: %w", err)
	}
	return nil
}

func writeDate(root schema.Person, date *contactv1.Date) error {
	if date == nil {
		return nil
	}
	to, err := root.NewBirthdate()
	if err != nil {
		return err
	}
	// check has seen that these fit.
	to.SetYear(int16(date.GetYear()))   //nolint:gosec // See above.
	to.SetMonth(uint8(date.GetMonth())) //nolint:gosec // See above.
	to.SetDay(uint8(date.GetDay()))     //nolint:gosec // See above.
	return nil
}

func writePhones(root schema.Person, phones []*contactv1.PhoneNumber) error {
	if len(phones) == 0 {
		return nil
	}
	list, err := root.NewPhones(int32(len(phones))) //nolint:gosec // At most maxPhones, by the size.
	if err != nil {
		return err
	}
	for i, phone := range phones {
		to := list.At(i)
		if err := to.SetNumber(phone.GetNumber()); err != nil {
			return fmt.Errorf("number %d: %w", i, err)
		}
		kind, _ := schemaType(phone.GetType())
		to.SetType(kind)
	}
	return nil
}
