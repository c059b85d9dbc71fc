package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-vcard"

	contactv1 "rollcall/gen/contact/v1"
)

// vcardReader reads a person a vCard. Properties that a person does not have are
// passed over; of several e-mail addresses it takes the preferred one, or the
// first.
type vcardReader struct {
	lines lines
	// begun is a BEGIN that came where an END should have.
	begun []byte
}

const (
	vcardBegin = "BEGIN:VCARD"
	vcardEnd   = "END:VCARD"
	// rejectedProperty is the reason in a file of rejected rows.
	rejectedProperty = "X-ROLLCALL-REJECTED"
)

func (v *vcardReader) Next() (Row, error) {
	text := v.begun
	v.begun = nil

	for text == nil {
		line, err := v.lines.next()

		switch {
		case errors.Is(err, errLongRow):
			return Row{Line: v.lines.line, Err: errLongRow}, nil
		case err != nil:
			return Row{}, err
		}

		if len(bytes.TrimSpace(line)) > 0 {
			text = line
		}
	}

	row := Row{Line: v.lines.line, Raw: bytes.TrimRight(bytes.Clone(text), "\r\n")}
	if !isLine(text, vcardBegin) {
		row.Err = errors.New("not within a vCard, which begins with " + vcardBegin)

		return row, nil
	}

	row.Raw, row.Err = v.card(bytes.Clone(text))
	if row.Err == nil {
		row.Person, row.Err = parseVCard(row.Raw)
	}

	return row, nil
}

// card reads up to the card's end. The error is the card's own.
func (v *vcardReader) card(raw []byte) ([]byte, error) {
	var failed error

	for {
		line, err := v.lines.next()

		switch {
		case errors.Is(err, errLongRow):
			failed = errLongRow
		case errors.Is(err, io.EOF):
			return clean(raw, failed), errors.Join(failed, errors.New("cut off: no "+vcardEnd))
		case err != nil:
			return clean(raw, failed), err
		case isLine(line, vcardBegin):
			v.begun = bytes.Clone(line)

			return clean(raw, failed), errors.Join(failed, fmt.Errorf("no %s before the next begins", vcardEnd))
		case isLine(line, vcardEnd):
			return clean(append(raw, line...), failed), failed
		case len(raw)+len(line) > maxRow:
			failed = errLongRow
		case failed == nil:
			raw = append(raw, line...)
		}
	}
}

// clean is a card without its last line's end; nil if it is not whole.
func clean(raw []byte, failed error) []byte {
	if failed != nil {
		return nil
	}

	return bytes.TrimRight(raw, "\r\n")
}

func isLine(line []byte, want string) bool {
	return strings.EqualFold(string(bytes.TrimRight(line, " \t\r\n")), want)
}

func (*vcardReader) Preface() []byte { return nil }

// AppendRejected puts the reason into the card, as a property of ours.
func (*vcardReader) AppendRejected(to []byte, row Row, why string) []byte {
	reason := rejectedProperty + ":" + strings.NewReplacer(`\`, `\\`, "\n", `\n`, ",", `\,`, ";", `\;`).Replace(why)
	raw := row.Raw

	var end []byte
	if last := bytes.LastIndexByte(raw, '\n') + 1; isLine(raw[last:], vcardEnd) {
		raw, end = raw[:last], append(bytes.Clone(raw[last:]), "\r\n"...)
	} else if len(raw) > 0 {
		raw = append(bytes.Clone(raw), "\r\n"...)
	}

	return append(append(append(to, raw...), fold(reason)+"\r\n"...), end...)
}

// parseVCard reads one whole card.
func parseVCard(raw []byte) (*contactv1.Person, error) {
	if err := readable(unfolded(raw)); err != nil {
		return nil, err
	}

	card, err := vcard.NewDecoder(bytes.NewReader(raw)).Decode()
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "vcard: "))
	}

	if version := card.Value(vcard.FieldVersion); version != "" && version != "3.0" && version != "4.0" {
		return nil, fmt.Errorf("VERSION: vCard %s is not read: export it as 3.0 or 4.0", version)
	}

	// The decoder passes over what it does not understand.
	if line := unreadLine(raw, card); line != "" {
		return nil, fmt.Errorf("%q is no property of a vCard", line)
	}

	person := &contactv1.Person{Name: vcardName(card), Email: unescaped(card.PreferredValue(vcard.FieldEmail))}

	for _, field := range card[vcard.FieldTelephone] {
		if err := addTelephone(person, field); err != nil {
			return nil, fmt.Errorf("TEL: %w", err)
		}
	}

	if birthday := card.Get(vcard.FieldBirthday); birthday != nil && birthday.Value != "" {
		if person.Birthdate, err = vcardDate(birthday); err != nil {
			return nil, fmt.Errorf("BDAY: %w", err)
		}
	}

	return person, nil
}

// unreadLine finds a line of a card that is not in what was decoded.
func unreadLine(raw []byte, card vcard.Card) string {
	properties := bytes.Split(unfolded(raw), []byte("\n"))
	properties = slices.DeleteFunc(properties, func(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 })
	decoded := 2 // BEGIN and END

	for _, fields := range card {
		decoded += len(fields)
	}

	if len(properties) == decoded {
		return ""
	}

	for _, line := range properties[1 : len(properties)-1] {
		one, err := vcard.NewDecoder(strings.NewReader(vcardBegin + "\n" + string(line) + "\n" + vcardEnd)).Decode()
		if err != nil || len(one) == 0 {
			return fmt.Sprintf("%.40s", strings.TrimSpace(string(line)))
		}
	}

	return vcardEnd
}

var folds = regexp.MustCompile(`\r?\n[ \t]`)

func unfolded(raw []byte) []byte {
	return folds.ReplaceAll(raw, nil)
}

// vcardName is the formatted name, or one made of the parts.
func vcardName(card vcard.Card) string {
	if name := strings.TrimSpace(unescaped(card.PreferredValue(vcard.FieldFormattedName))); name != "" {
		return name
	}

	parts := card.Name()
	if parts == nil {
		return ""
	}

	all := strings.Join([]string{
		parts.HonorificPrefix, parts.GivenName, parts.AdditionalName, parts.FamilyName, parts.HonorificSuffix,
	}, " ")

	return strings.Join(strings.Fields(unescaped(all)), " ")
}

// unescaped undoes the escapes that the decoder leaves.
func unescaped(text string) string {
	return strings.NewReplacer(`\;`, ";", `\:`, ":", `\N`, "\n").Replace(text)
}

// phoneTypes are vCard's words for the kinds of phones.
var phoneTypes = map[contactv1.PhoneType]string{
	contactv1.PhoneType_PHONE_TYPE_MOBILE: vcard.TypeCell,
	contactv1.PhoneType_PHONE_TYPE_HOME:   vcard.TypeHome,
	contactv1.PhoneType_PHONE_TYPE_WORK:   vcard.TypeWork,
}

// phoneType is the kind of a phone, of several the more telling one.
func phoneType(params vcard.Params) contactv1.PhoneType {
	for _, kind := range []contactv1.PhoneType{
		contactv1.PhoneType_PHONE_TYPE_MOBILE, contactv1.PhoneType_PHONE_TYPE_WORK, contactv1.PhoneType_PHONE_TYPE_HOME,
	} {
		if params.HasType(phoneTypes[kind]) {
			return kind
		}
	}

	return contactv1.PhoneType_PHONE_TYPE_UNSPECIFIED
}

func addTelephone(person *contactv1.Person, field *vcard.Field) error {
	number := strings.TrimSpace(unescaped(field.Value))

	if number == "" {
		for name := range field.Params {
			if !slices.Contains([]string{vcard.ParamType, vcard.ParamValue, vcard.ParamPreferred}, name) {
				return fmt.Errorf("%s is vCard 2.1's way to say a type, which is not read: export it as 3.0 or 4.0", name)
			}
		}

		return nil
	}

	// As a URI (RFC 3966), whose only parameter that belongs to the number is ext.
	if uri, ok := strings.CutPrefix(number, "tel:"); ok {
		number, _, _ = strings.Cut(uri, ";")
		if _, extension, ok := strings.Cut(uri, ";ext="); ok {
			extension, _, _ = strings.Cut(extension, ";")
			number += " x" + extension
		}
	}

	person.Phones = append(person.Phones, &contactv1.PhoneNumber{Number: number, Type: phoneType(field.Params)})

	return nil
}

var wholeDate = regexp.MustCompile(`^(\d{4})-?(\d{2})-?(\d{2})([T ].*)?$`)

// vcardDate reads a date, or the date of a date and time. One without a year is an
// error: a person's has one.
func vcardDate(field *vcard.Field) (*contactv1.Date, error) {
	parts := wholeDate.FindStringSubmatch(field.Value)
	if len(parts) == 0 || parts[1] == field.Params.Get("X-APPLE-OMIT-YEAR") {
		return nil, fmt.Errorf("%q is no whole date: write year, month and day, such as 1990-05-17, or leave it out", field.Value)
	}

	return ParseDate(parts[1] + "-" + parts[2] + "-" + parts[3])
}

// AppendVCard appends an event's person as a vCard 4.0 that [NewReader] reads again.
func AppendVCard(to []byte, event *contactv1.PersonEvent) ([]byte, error) {
	person := event.GetPerson()
	card := vcard.Card{}
	card.SetValue(vcard.FieldVersion, "4.0")
	card.SetValue(vcard.FieldFormattedName, person.GetName())
	card.SetValue(vcard.FieldRevision, event.GetPublishedAt().AsTime().Format("20060102T150405Z"))

	if person.GetEmail() != "" {
		card.SetValue(vcard.FieldEmail, person.GetEmail())
	}

	if person.GetBirthdate() != nil {
		card.SetValue(vcard.FieldBirthday, strings.ReplaceAll(Date(person.GetBirthdate()), "-", ""))
	}

	for _, phone := range person.GetPhones() {
		field := &vcard.Field{Value: phone.GetNumber()}
		if word, said := phoneTypes[phone.GetType()]; said {
			field.Params = vcard.Params{vcard.ParamType: {word}}
		}

		card.Add(vcard.FieldTelephone, field)
	}

	var text bytes.Buffer
	if err := vcard.NewEncoder(&text).Encode(card); err != nil {
		return to, fmt.Errorf("writing a vCard: %w", err)
	}

	for line := range strings.Lines(text.String()) {
		to = append(to, fold(strings.TrimRight(line, "\r\n"))+"\r\n"...)
	}

	return to, nil
}

// fold breaks a line after 75 bytes, as RFC 6350 asks for, and between characters.
func fold(line string) string {
	const longest = 75

	var folded strings.Builder

	width := 0

	for line != "" {
		_, size := utf8.DecodeRuneInString(line)
		if width+size > longest {
			folded.WriteString("\r\n ")

			width = 1
		}

		folded.WriteString(line[:size])
		width += size
		line = line[size:]
	}

	return folded.String()
}
