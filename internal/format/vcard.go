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
	text, err := v.first()
	if errors.Is(err, errLongRow) {
		return Row{Line: v.lines.line, Err: errLongRow}, nil
	}

	if err != nil {
		return Row{}, err
	}

	row := Row{Line: v.lines.line, Raw: bytes.TrimRight(text, "\r\n")}
	if !isLine(text, vcardBegin) {
		row.Err = errors.New("not within a vCard, which begins with " + vcardBegin)

		return row, nil
	}

	row.Raw, row.Err, err = v.card(text)
	if err != nil {
		return Row{}, err
	}

	if row.Err == nil {
		row.Person, row.Err = parseVCard(row.Raw)
	}

	return row, nil
}

// first is the first line of what comes next. Blank lines are passed over, and reasons
// for which something else than a card was rejected.
func (v *vcardReader) first() ([]byte, error) {
	if begun := v.begun; begun != nil {
		v.begun = nil

		return begun, nil
	}

	reason := false

	for {
		line, err := v.lines.next()
		if err != nil {
			return nil, err
		}

		reason = isReason(line) || reason && isFolded(line)
		if !reason && len(bytes.TrimSpace(line)) > 0 {
			return bytes.Clone(line), nil
		}
	}
}

// card reads up to the card's end. problem is the card's own, err means that nothing
// more can be read.
func (v *vcardReader) card(begin []byte) (raw []byte, problem, err error) {
	raw = begin

	for {
		line, err := v.lines.next()

		switch {
		case errors.Is(err, errLongRow):
			problem = errLongRow
		case errors.Is(err, io.EOF):
			return clean(raw, problem), errors.Join(problem, errors.New("cut off: no "+vcardEnd)), nil
		case err != nil:
			return nil, nil, err
		case isLine(line, vcardBegin):
			v.begun = bytes.Clone(line)

			return clean(raw, problem), errors.Join(problem, fmt.Errorf("no %s before the next begins", vcardEnd)), nil
		case isLine(line, vcardEnd):
			return clean(append(raw, line...), problem), problem, nil
		case len(raw)+len(line) > maxRow:
			problem = errLongRow
		case problem == nil:
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

func isReason(line []byte) bool { return bytes.HasPrefix(line, []byte(rejectedProperty+":")) }

// isFolded reports whether a line goes on with the one before.
func isFolded(line []byte) bool { return line[0] == ' ' || line[0] == '\t' }

func (*vcardReader) Preface() []byte { return nil }

var reasons = regexp.MustCompile(`(?m)^` + rejectedProperty + `:.*(\n[ \t].*)*\n?`)

// AppendRejected puts the reason into the card, as a property of ours, in place of one
// that is there.
func (*vcardReader) AppendRejected(to []byte, row Row, why string) []byte {
	reason := rejectedProperty + ":" + strings.NewReplacer(`\`, `\\`, "\n", `\n`, ",", `\,`, ";", `\;`).Replace(why)
	raw := bytes.TrimRight(reasons.ReplaceAll(row.Raw, nil), "\r\n")

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

	card, err := decodeVCard(raw)
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

// decodeVCard leaves values as they are written. The decoder undoes some escapes and not
// others, after which nobody can tell an escape from what it stands for; so it is given
// each backslash doubled.
func decodeVCard(raw []byte) (vcard.Card, error) {
	return vcard.NewDecoder(bytes.NewReader(bytes.ReplaceAll(raw, []byte(`\`), []byte(`\\`)))).Decode()
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
		one, err := decodeVCard([]byte(vcardBegin + "\n" + string(line) + "\n" + vcardEnd))
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

	parts := components(card.PreferredValue(vcard.FieldName))
	inOrder := []string{parts[prefix], parts[given], parts[additional], parts[family], parts[suffix]}

	return strings.Join(strings.Fields(strings.Join(inOrder, " ")), " ")
}

// The parts of a name in the order of N.
const (
	family = iota
	given
	additional
	prefix
	suffix
)

var component = regexp.MustCompile(`(\\.|[^;])*`)

// components are the parts of a name, those that are not there empty.
func components(value string) (parts [suffix + 1]string) {
	for i := range parts {
		part := component.FindString(value)
		parts[i] = unescaped(part)
		value = strings.TrimPrefix(value[len(part):], ";")
	}

	return parts
}

// unescaped is a value as it is meant.
func unescaped(value string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\:`, ":").Replace(value)
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
	card.SetValue(vcard.FieldFormattedName, oneLine(person.GetName()))
	card.SetValue(vcard.FieldRevision, event.GetPublishedAt().AsTime().Format("20060102T150405Z"))

	if person.GetEmail() != "" {
		card.SetValue(vcard.FieldEmail, oneLine(person.GetEmail()))
	}

	if person.GetBirthdate() != nil {
		card.SetValue(vcard.FieldBirthday, strings.ReplaceAll(Date(person.GetBirthdate()), "-", ""))
	}

	for _, phone := range person.GetPhones() {
		field := &vcard.Field{Value: oneLine(phone.GetNumber())}
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

// oneLine has line feeds alone, which are escaped: a carriage return in what others put
// on the stream would begin a property for many a reader.
func oneLine(value string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(value)
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
