// Package persontest walks the API's descriptor, so that tests try each field of a
// message and of what it holds, those that are added later as well.
package persontest

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	contactv1 "rollcall/gen/contact/v1"
)

// Field is one field of a message, or of a message that it holds. A list is known by
// its first element.
type Field struct {
	// Path names it as the API's errors do, such as phones[0].number.
	Path string
	// steps lead to it from the message; the last one is the field itself.
	steps []protoreflect.FieldDescriptor
}

// Fields are all fields of a message and of what it holds, each holder before what
// it holds.
func Fields(message proto.Message) []Field {
	return fieldsOf(message.ProtoReflect().Descriptor(), nil)
}

func fieldsOf(message protoreflect.MessageDescriptor, above []protoreflect.FieldDescriptor) []Field {
	var fields []Field
	for i := range message.Fields().Len() {
		steps := append(slices.Clone(above), message.Fields().Get(i))
		field := Field{Path: pathOf(steps), steps: steps}
		if field.Descriptor().IsMap() {
			panic("persontest: say how a map is walked, for the field " + field.Path)
		}
		fields = append(fields, field)
		if field.Holder() && !field.recursive() {
			fields = append(fields, fieldsOf(field.Descriptor().Message(), steps)...)
		}
	}
	return fields
}

func pathOf(steps []protoreflect.FieldDescriptor) string {
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i] = string(step.Name())
		if step.IsList() {
			names[i] += "[0]"
		}
	}
	return strings.Join(names, ".")
}

// Descriptor describes the field.
func (f Field) Descriptor() protoreflect.FieldDescriptor { return f.steps[len(f.steps)-1] }

// Holder reports whether the field is a message, or a list of them.
func (f Field) Holder() bool { return f.Descriptor().Kind() == protoreflect.MessageKind }

// recursive reports whether the field holds a message of a kind that it lies in.
func (f Field) recursive() bool {
	return slices.ContainsFunc(f.steps, func(step protoreflect.FieldDescriptor) bool {
		return step.ContainingMessage() == f.Descriptor().Message()
	})
}

// Values are what tests put into the field: different ones, none of which may be taken
// for another or for none.
func (f Field) Values() []protoreflect.Value {
	descriptor := f.Descriptor()
	if f.Holder() {
		return []protoreflect.Value{{}} // Put makes an empty message of it.
	}
	values := []protoreflect.Value{number(descriptor, 1), number(descriptor, 2)}
	if descriptor.Kind() == protoreflect.BoolKind {
		values = values[:1]
	}
	if descriptor.HasPresence() {
		values = append(values, number(descriptor, 0))
	}
	return values
}

// number is a value of the field's kind that n makes. All of them are a year, a month
// and a day, and texts of digits are a phone's number.
func number(field protoreflect.FieldDescriptor, n int) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(n != 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(field.Enum().Values().Get(n).Number())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(n)) //nolint:gosec // It is small.
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(n))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n)) //nolint:gosec // It is small.
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(n)) //nolint:gosec // It is small.
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(n))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(float64(n))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(strings.Repeat("7", 3*n))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(strings.Repeat("7", 3*n)))
	case protoreflect.MessageKind, protoreflect.GroupKind:
	}
	panic(fmt.Sprintf("persontest: say what stands for a %s, for the field %s", field.Kind(), field.FullName()))
}

// Put sets the field to one of its values, in a message that has what holds it or not.
func (f Field) Put(message proto.Message, value protoreflect.Value) {
	holder := f.holder(message.ProtoReflect(), true)
	descriptor := f.Descriptor()
	switch {
	case descriptor.IsList() && f.Holder():
		list := holder.Mutable(descriptor).List()
		list.Truncate(0)
		list.AppendMutable()
	case descriptor.IsList():
		list := holder.Mutable(descriptor).List()
		list.Truncate(0)
		list.Append(value)
	case f.Holder():
		holder.Set(descriptor, holder.NewField(descriptor))
	default:
		holder.Set(descriptor, value)
	}
}

// Get is what the field has in a message: false for nothing.
func (f Field) Get(message proto.Message) (protoreflect.Value, bool) {
	holder := f.holder(message.ProtoReflect(), false)
	if holder == nil || !holder.Has(f.Descriptor()) {
		return protoreflect.Value{}, false
	}
	value := holder.Get(f.Descriptor())
	if f.Descriptor().IsList() {
		value = value.List().Get(0)
	}
	return value, true
}

// Same reports whether two messages have the same in the field itself, whatever it
// holds.
func (f Field) Same(a, b proto.Message) bool {
	inA, hasA := f.Get(a)
	inB, hasB := f.Get(b)
	return hasA == hasB && (!hasA || f.Holder() || inA.Equal(inB))
}

// PutMany makes the list, which is the field, so long. Its first element, if there is
// one, stands for all.
func (f Field) PutMany(message proto.Message, elements int) {
	list := f.holder(message.ProtoReflect(), true).Mutable(f.Descriptor()).List()
	if list.Len() == 0 {
		list.Append(list.NewElement())
	}
	for list.Len() < elements {
		list.Append(list.Get(0))
	}
}

// Clear takes the field, or the whole list, out of a message.
func (f Field) Clear(message proto.Message) {
	if holder := f.holder(message.ProtoReflect(), false); holder != nil {
		holder.Clear(f.Descriptor())
	}
}

// holder finds the message that has the field. One that is not there is made, or nil.
func (f Field) holder(message protoreflect.Message, create bool) protoreflect.Message {
	for _, step := range f.steps[:len(f.steps)-1] {
		if !create && !message.Has(step) {
			return nil
		}
		if !step.IsList() {
			message = message.Mutable(step).Message()
			continue
		}
		list := message.Mutable(step).List()
		if list.Len() == 0 {
			list.AppendMutable()
		}
		message = list.Get(0).Message()
	}
	return message
}

// Full is a person with a value in every field.
func Full() *contactv1.Person {
	person := new(contactv1.Person)
	for _, field := range Fields(person) {
		if !field.Holder() {
			field.Put(person, field.Values()[0])
		}
	}
	return person
}

// With is a copy of a person that has a value in the field.
func (f Field) With(person *contactv1.Person, value protoreflect.Value) *contactv1.Person {
	person = proto.CloneOf(person)
	f.Put(person, value)
	return person
}

// Without is a copy of a person that has nothing in the field.
func (f Field) Without(person *contactv1.Person) *contactv1.Person {
	person = proto.CloneOf(person)
	f.Clear(person)
	return person
}
