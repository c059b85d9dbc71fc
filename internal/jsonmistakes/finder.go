package jsonmistakes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// finder walks over a text with a message's descriptor at its side. Its errors are
// about JSON; what is no message is in found.
type finder struct {
	reader

	found []*protovalidate.Violation
	// path is where the walk is.
	path []*validate.FieldPathElement
}

// all walks over the whole text.
func (f *finder) all(message protoreflect.MessageDescriptor) error {
	switch c := f.peek(); c {
	case 0:
		f.add(ruleType, fmt.Sprintf("must be %s; the request is empty", object(message)))
		return nil
	case '{':
		if err := f.message(message); err != nil {
			return err
		}
	default:
		text, err := f.value()
		if err != nil {
			return err
		}
		f.addType(object(message), text)
	}
	if f.peek() != 0 {
		return f.errorf(f.at, "there is %s after the end", f.next())
	}
	return nil
}

func (f *finder) add(rule, message string) {
	if len(f.found) < most {
		f.found = append(f.found, violation(slices.Clone(f.path), rule, message))
	}
}

func (f *finder) addType(expected string, text []byte) {
	f.add(ruleType, fmt.Sprintf("must be %s, not %s", expected, described(text)))
}

// below walks on one step further down.
func (f *finder) below(step *validate.FieldPathElement, walk func() error) error {
	f.path = append(f.path, step)
	defer func() { f.path = f.path[:len(f.path)-1] }()
	return walk()
}

// message walks over an object that stands for a message.
func (f *finder) message(message protoreflect.MessageDescriptor) error {
	seen := make(map[protoreflect.FieldNumber]bool)
	chosen := make(map[protoreflect.Name]string)
	return f.object(func(name string, _ int) error {
		field := message.Fields().ByJSONName(name)
		if field == nil {
			field = message.Fields().ByTextName(name)
		}
		if field == nil {
			written := quoted(shortened(name))
			return f.below(&validate.FieldPathElement{FieldName: new(strings.Trim(written, `"`))}, func() error {
				f.add(ruleUnknown, fmt.Sprintf("unknown field %s: %s has %s", written, message.Name(), fieldNames(message)))
				return f.ignore()
			})
		}
		return f.below(stepTo(field), func() error {
			if seen[field.Number()] {
				f.add(ruleDuplicate, "is given twice: give it once")
				return f.ignore()
			}
			seen[field.Number()] = true
			if f.peek() == 'n' { // null is as if it were left out
				return f.ignore()
			}
			if oneof := field.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() {
				if other, again := chosen[oneof.Name()]; again {
					f.add(ruleOneof, fmt.Sprintf("can't be given beside %s: give one of them", other))
					return f.ignore()
				}
				chosen[oneof.Name()] = field.JSONName()
			}
			return f.field(field)
		})
	})
}

// field walks over a field's value.
func (f *finder) field(field protoreflect.FieldDescriptor) error {
	c := f.peek()
	switch {
	case field.IsList() && c == '[':
		return f.list(field)
	case walked(field) && !field.IsList() && c == '{':
		return f.message(field.Message())
	}
	text, err := f.value()
	if err == nil && !accepted(field, text) {
		f.addType(expectedOf(field), text)
	}
	return err
}

// list walks over the elements of a repeated field.
func (f *finder) list(field protoreflect.FieldDescriptor) error {
	at := f.path[len(f.path)-1]
	return f.array(func(i int) error {
		element := proto.CloneOf(at)
		element.Subscript = &validate.FieldPathElement_Index{Index: uint64(i)} //nolint:gosec // an index
		f.path[len(f.path)-1] = element
		defer func() { f.path[len(f.path)-1] = at }()
		if walked(field) && f.peek() == '{' {
			return f.message(field.Message())
		}
		text, err := f.value()
		if err == nil && !accepted(field, slices.Concat([]byte("["), text, []byte("]"))) {
			f.addType(expectedElement(field), text)
		}
		return err
	})
}

// walked is true for fields whose values are objects with the fields of a message:
// all messages but Protobuf's own, which are written in ways of their own.
func walked(field protoreflect.FieldDescriptor) bool {
	return field.Message() != nil && !field.IsMap() && field.Message().ParentFile().Package() != "google.protobuf"
}

// accepted asks the decoder about the value of one field.
func accepted(field protoreflect.FieldDescriptor, text []byte) bool {
	alone := slices.Concat([]byte("{"), strconv.AppendQuote(nil, field.JSONName()), []byte(":"), text, []byte("}"))
	return protojson.Unmarshal(alone, dynamicpb.NewMessage(field.ContainingMessage())) == nil
}

func stepTo(field protoreflect.FieldDescriptor) *validate.FieldPathElement {
	return &validate.FieldPathElement{
		FieldNumber: new(int32(field.Number())),
		FieldName:   new(string(field.Name())),
		FieldType:   new(descriptorpb.FieldDescriptorProto_Type(field.Kind())),
	}
}
