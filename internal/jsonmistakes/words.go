package jsonmistakes

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// expectedOf says what a field's value must be.
func expectedOf(field protoreflect.FieldDescriptor) string {
	switch {
	case field.IsMap():
		return "an object"
	case field.IsList():
		return "an array, of which each is " + expectedElement(field)
	default:
		return expectedElement(field)
	}
}

// expectedElement is expectedOf for one of a repeated field.
func expectedElement(field protoreflect.FieldDescriptor) string {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return "a whole number from -2147483648 to 2147483647"
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return "a whole number from 0 to 4294967295"
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return "a whole number from -9223372036854775808 to 9223372036854775807"
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return "a whole number from 0 to 18446744073709551615"
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return "a number"
	case protoreflect.StringKind:
		return "a string"
	case protoreflect.BytesKind:
		return "a string in base64"
	case protoreflect.EnumKind:
		return "one of " + enumNames(field.Enum())
	default:
		return object(field.Message())
	}
}

// object says what a message looks like.
func object(message protoreflect.MessageDescriptor) string {
	switch message.FullName() {
	case "google.protobuf.Timestamp":
		return `a time such as "2026-01-31T08:00:00Z"`
	case "google.protobuf.Duration":
		return `a number of seconds such as "1.5s"`
	case "google.protobuf.Empty":
		return "{}"
	}
	if message.Fields().Len() == 0 {
		return "an object without fields, {}"
	}
	return "an object with " + fieldNames(message)
}

func fieldNames(message protoreflect.MessageDescriptor) string {
	names := make([]string, message.Fields().Len())
	for i := range names {
		names[i] = message.Fields().Get(i).JSONName()
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func enumNames(enum protoreflect.EnumDescriptor) string {
	names := make([]string, enum.Values().Len())
	for i := range names {
		names[i] = string(enum.Values().Get(i).Name())
	}
	return strings.Join(names, ", ")
}

// described says what a value is.
func described(text []byte) string {
	switch text[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		content, err := (&reader{text: text}).string()
		if err != nil {
			return "a string"
		}
		return "the string " + quoted(shortened(content))
	case 't', 'f', 'n':
		return string(text)
	default:
		return "the number " + shortened(string(text))
	}
}

// longest is how many characters of what was sent are repeated.
const longest = 60

func shortened(text string) string {
	if chars := []rune(text); len(chars) > longest {
		return string(chars[:longest]) + "…"
	}
	return text
}

// quoted is a string as JSON has it, in which nothing is hidden.
func quoted(text string) string {
	var all strings.Builder
	all.WriteByte('"')
	for _, char := range text {
		switch {
		case char == '"' || char == '\\':
			all.WriteByte('\\')
			all.WriteRune(char)
		case unicode.IsPrint(char):
			all.WriteRune(char)
		default:
			for _, unit := range utf16.Encode([]rune{char}) {
				fmt.Fprintf(&all, `\u%04x`, unit)
			}
		}
	}
	all.WriteByte('"')
	return all.String()
}
