package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"capnproto.org/go/capnp/v3"
	"capnproto.org/go/capnp/v3/std/capnp/schema"
)

// nodes are a schema's declarations (files, structs, enums, …) by their ids,
// which is how Cap'n Proto itself knows them.
type nodes map[uint64]schema.Node

// name is a declaration as its author knows it: `Person.PhoneNumber`, or
// `person.capnp` for a file.
func (n nodes) name(id uint64) string {
	node, ok := n[id]
	if !ok {
		return fmt.Sprintf("@%#x", id)
	}

	name, err := node.DisplayName()
	if err != nil {
		return fmt.Sprintf("@%#x", id)
	}

	if _, inFile, ok := strings.Cut(name, ":"); ok {
		return inFile
	}

	return name
}

// typeName is a type as it is written in a schema.
func (n nodes) typeName(typ schema.Type) string {
	switch typ.Which() {
	case schema.Type_Which_list:
		element, err := typ.List().ElementType()
		if err != nil {
			return "List(?)"
		}

		return "List(" + n.typeName(element) + ")"
	case schema.Type_Which_enum:
		return n.name(typ.Enum().TypeId())
	case schema.Type_Which_structType:
		return n.name(typ.StructType().TypeId())
	case schema.Type_Which_interface:
		return n.name(typ.Interface().TypeId())
	default:
		name := typ.Which().String()

		return strings.ToUpper(name[:1]) + name[1:]
	}
}

// comparison gathers what is found between two states of a schema.
type comparison struct {
	older, newer nodes
	findings     []string
	errs         []error
}

// compare names every change from older to newer that is not an addition.
func compare(older, newer nodes) ([]string, error) {
	cmp := &comparison{older: older, newer: newer}

	for id, before := range older {
		after, ok := newer[id]
		if !ok {
			cmp.findf("%s: @%#x is gone; bytes that hold it are still on streams. "+
				"Put it back; if it was only renamed or moved, or its file got another id, undo that.",
				older.name(id), id)

			continue
		}

		cmp.node(before, after)
	}

	slices.Sort(cmp.findings)

	return cmp.findings, errors.Join(cmp.errs...)
}

func (c *comparison) findf(format string, args ...any) {
	c.findings = append(c.findings, fmt.Sprintf(format, args...))
}

func (c *comparison) node(before, after schema.Node) {
	name := c.older.name(before.Id())

	switch {
	case before.Which() != after.Which():
		c.findf("%s: was %s and is %s now. Put the %s back and declare the new one under a name of its own.",
			name, kind(before), kind(after), kind(before))
	case before.Which() == schema.Node_Which_file:
		// A file is its id alone: its name and its annotations are no bytes.
	case name != c.newer.name(before.Id()):
		c.findf("%s: is called %s now. Keep the name: generated code and JSON carry it.",
			name, c.newer.name(before.Id()))
	case before.Which() == schema.Node_Which_structNode:
		c.structNode(name, before, after)
	case before.Which() == schema.Node_Which_enum:
		c.enum(name, before, after)
	case !c.equal(before.ToPtr(), after.ToPtr()):
		c.findf("%s: this %s changed. Keep it as it was and declare another.", name, kind(before))
	}
}

func (c *comparison) structNode(name string, before, after schema.Node) {
	beforeFields, err := before.StructNode().Fields()
	c.fail(err)

	afterFields, err := after.StructNode().Fields()
	c.fail(err)

	byName := make(map[string]schema.Field, afterFields.Len())
	byOrdinal := make(map[string]string, afterFields.Len())

	for i := range afterFields.Len() {
		field := afterFields.At(i)
		byName[c.fieldName(field)] = field
		byOrdinal[ordinal(field)] = c.fieldName(field)
	}

	for i := range beforeFields.Len() {
		field := beforeFields.At(i)
		fieldName := name + "." + c.fieldName(field)
		renamed, used := byOrdinal[ordinal(field)]
		now, ok := byName[c.fieldName(field)]

		switch {
		case ok:
			c.field(fieldName, field, now)
		case used && ordinal(field) != noOrdinal:
			c.findf("%s: %s is called %s now. Keep the name: generated code and JSON carry it; "+
				"if it means something else, give it the next ordinal.", fieldName, ordinal(field), renamed)
		default:
			c.findf("%s: %s is gone; bytes that hold it are still on streams. "+
				"Put it back; a comment may say that it is no longer used.", fieldName, ordinal(field))
		}
	}

	// What the fields do not show: their room, and where a union keeps its tag.
	was, is := before.StructNode(), after.StructNode()

	switch {
	case is.DataWordCount() < was.DataWordCount() || is.PointerCount() < was.PointerCount():
		c.findf("%s: has less room now (%d+%d words, was %d+%d). Put back what was taken out.", name,
			is.DataWordCount(), is.PointerCount(), was.DataWordCount(), was.PointerCount())
	case was.DiscriminantCount() > 0 && is.DiscriminantCount() < was.DiscriminantCount(),
		was.DiscriminantCount() > 0 && is.DiscriminantOffset() != was.DiscriminantOffset():
		c.findf("%s: its union changed. Only add to a union, under the next ordinals.", name)
	}
}

func (c *comparison) field(name string, before, after schema.Field) {
	if ordinal(before) != ordinal(after) {
		c.findf("%s: was %s and is %s now: readers would take one field for another. Put its ordinal back.",
			name, ordinal(before), ordinal(after))

		return
	}

	if before.DiscriminantValue() != after.DiscriminantValue() {
		c.findf("%s: went into a union, out of one, or to another place in it. Put it back where it was.", name)

		return
	}

	if before.Which() != after.Which() {
		c.findf("%s: was a %s and is a %s now. Keep it and add another field under the next ordinal.",
			name, before.Which(), after.Which())

		return
	}

	// A group is a node of its own and compared as one.
	if before.Which() == schema.Field_Which_group {
		if before.Group().TypeId() != after.Group().TypeId() {
			c.findf("%s: is another group now. Put the older one back.", name)
		}

		return
	}

	c.slot(name, before, after)
}

func (c *comparison) slot(name string, before, after schema.Field) {
	beforeType, err := before.Slot().Type()
	c.fail(err)

	afterType, err := after.Slot().Type()
	c.fail(err)

	if !c.equal(beforeType.ToPtr(), afterType.ToPtr()) {
		c.findf("%s: was %s and is %s now: the older bytes would be misread. "+
			"Keep %s as it was and add a field under the next ordinal.",
			name, c.older.typeName(beforeType), c.newer.typeName(afterType), ordinal(before))

		return
	}

	beforeDefault, err := before.Slot().DefaultValue()
	c.fail(err)

	afterDefault, err := after.Slot().DefaultValue()
	c.fail(err)

	if !c.equal(beforeDefault.ToPtr(), afterDefault.ToPtr()) {
		c.findf("%s: has another default now: it is what the older bytes leave out. Put the default back.", name)

		return
	}

	if before.Slot().Offset() != after.Slot().Offset() {
		c.findf("%s: lies elsewhere in the message now. Put back the fields around it as they were.", name)
	}
}

func (c *comparison) enum(name string, before, after schema.Node) {
	beforeList, err := before.Enum().Enumerants()
	c.fail(err)

	afterList, err := after.Enum().Enumerants()
	c.fail(err)

	// An enumerant's place in this list is its ordinal.
	for i := range beforeList.Len() {
		was, err := beforeList.At(i).Name()
		c.fail(err)

		is := "gone"

		if i < afterList.Len() {
			is, err = afterList.At(i).Name()
			c.fail(err)
		}

		if was != is || i >= afterList.Len() {
			c.findf("%s.%s: was @%d, which is %s now. Put it back and add new enumerants under the next ordinals.",
				name, was, i, is)
		}
	}
}

func (c *comparison) equal(a, b capnp.Ptr) bool {
	same, err := capnp.Equal(a, b)
	c.fail(err)

	return same
}

func (c *comparison) fieldName(field schema.Field) string {
	name, err := field.Name()
	c.fail(err)

	return name
}

func (c *comparison) fail(err error) {
	if err != nil {
		c.errs = append(c.errs, err)
	}
}

// noOrdinal is what a group or a union has: its members have them.
const noOrdinal = "this group"

func ordinal(field schema.Field) string {
	if field.Ordinal().Which() != schema.Field_ordinal_Which_explicit {
		return noOrdinal
	}

	return fmt.Sprintf("@%d", field.Ordinal().Explicit())
}

func kind(node schema.Node) string {
	return strings.TrimSuffix(node.Which().String(), "Node")
}
