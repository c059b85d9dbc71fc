// Package jsonmistakes says what is wrong with JSON that is no message of the API, in
// words for whoever wrote it: where it is, what was found and what is expected.
//
// Protobuf's decoder decides what is a message. This is asked once that has refused,
// and reads the text again, so it costs nothing where nothing is wrong.
package jsonmistakes

import (
	"fmt"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// most is how many mistakes are told at a time.
const most = 20

// Rules, as violations name them.
const (
	ruleSyntax    = "json.syntax"
	ruleType      = "json.type"
	ruleUnknown   = "json.unknown_field"
	ruleDuplicate = "json.duplicate_field"
	ruleOneof     = "json.oneof"
)

// Find returns what is wrong with a text that the decoder does not take for a message
// of this type. Where that can't be told it says as much, so there always is
// something.
func Find(text []byte, message protoreflect.MessageDescriptor) *protovalidate.ValidationError {
	f := &finder{reader: reader{text: text}}
	if err := f.all(message); err != nil {
		return mistake(nil, ruleSyntax, err.Error())
	}
	if len(f.found) == 0 {
		return mistake(nil, ruleType, fmt.Sprintf("is not %s as JSON has it", message.FullName()))
	}
	return &protovalidate.ValidationError{Violations: f.found}
}

func mistake(path []*validate.FieldPathElement, rule, message string) *protovalidate.ValidationError {
	return &protovalidate.ValidationError{Violations: []*protovalidate.Violation{violation(path, rule, message)}}
}

func violation(path []*validate.FieldPathElement, rule, message string) *protovalidate.Violation {
	broken := &validate.Violation{RuleId: new(rule), Message: new(message)}
	if len(path) > 0 {
		broken.Field = &validate.FieldPath{Elements: path}
	}
	return &protovalidate.Violation{Proto: broken}
}

// Member is a name of an object with the text of its value.
type Member struct {
	Name string
	Text []byte
}

// Members reads a text that is an object and nothing else. The error says where it is
// none.
func Members(text []byte) ([]Member, error) {
	r := &reader{text: text}
	if r.peek() != '{' {
		return nil, r.expected("an object")
	}
	var all []Member
	err := r.object(func(name string, _ int) error {
		value, err := r.value()
		all = append(all, Member{name, value})
		return err
	})
	if err == nil && r.peek() != 0 {
		err = r.errorf(r.at, "there is %s after the end", r.next())
	}
	return all, err
}
