package gateway

import (
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// validator holds submissions to the rules in the API's files. Those rules are
// interpreted, 4.5 µs a person; so a submission that plainly keeps them all is not
// asked about. It never refuses one: what plainlyValid does not know, the rules
// decide, and say what is wrong.
type validator struct{ protovalidate.Validator }

// Validate returns nil or a *protovalidate.ValidationError.
func (v validator) Validate(message proto.Message, options ...protovalidate.ValidationOption) error {
	if request, ok := message.(*contactv1.SubmitPersonRequest); ok && len(options) == 0 && plainlyValid(request, time.Now()) {
		return nil
	}
	return v.Validator.Validate(message, options...)
}

// plainlyValid is true only if the rules would all be kept, and true for nearly all
// that people write.
func plainlyValid(request *contactv1.SubmitPersonRequest, now time.Time) bool {
	person := request.GetPerson()
	if !plainKey(request.GetIdempotencyKey()) || !plainName(person.GetName()) || !plainEmail(person.GetEmail()) ||
		len(person.GetPhones()) > 20 || !plainDate(person.GetBirthdate(), now) {
		return false
	}
	for _, phone := range person.GetPhones() {
		if phone.GetType() < contactv1.PhoneType_PHONE_TYPE_UNSPECIFIED || phone.GetType() > contactv1.PhoneType_PHONE_TYPE_WORK || !plainNumber(phone.GetNumber()) {
			return false
		}
	}
	return true
}

// plainKey is true for none, and for letters, digits and punctuation.
func plainKey(key string) bool {
	return len(key) <= 128 && only(key, printable)
}

// plainName is true for up to 200 bytes, so no more characters, which are letters of
// the most used scripts or ASCII's signs, the first of them no space.
func plainName(name string) bool {
	if name == "" || len(name) > 200 || name[0] == ' ' {
		return false
	}
	for _, char := range name {
		if (char < ' ' || char > '~') && !plainLetter(char) {
			return false
		}
	}
	return true
}

// plainLetter knows blocks of Unicode in which every character can be seen and none is
// a control or a space: letters beyond ASCII, with their accents and signs.
func plainLetter(char rune) bool {
	switch {
	case char < 0x600: // Latin, Greek, Cyrillic, Armenian, Hebrew
		return char >= 0xc0 && char != 0x34f
	case char < 0x1100: // Arabic to Georgian, among them the scripts of India, Thai and Burmese
		return char >= 0x620
	case char < 0x2000: // Latin and Greek with more accents
		return char >= 0x1e00
	case char < 0xa000: // kana, and Han
		return char >= 0x3041 && char < 0x3130 || char >= 0x3400
	default: // Korean
		return char >= 0xac00 && char < 0xd7a4
	}
}

func plainEmail(email string) bool {
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" || len(email) > 254 || !only(local, mailbox) {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || !only(label, hostname) {
			return false
		}
	}
	return true
}

func plainNumber(number string) bool {
	digits := strings.TrimPrefix(number, "+")
	return len(digits) >= 2 && len(digits) <= 31 && classes[digits[0]]&digit != 0 && only(digits, dialled)
}

// plainDate is true for none, and for days that every month has, or nearly, before
// this year.
func plainDate(date *contactv1.Date, now time.Time) bool {
	if date == nil {
		return true
	}
	last := int32(30)
	if date.GetMonth() == 2 {
		last = 28
	}
	return date.GetYear() >= 1 && int(date.GetYear()) < now.UTC().Year() &&
		date.GetMonth() >= 1 && date.GetMonth() <= 12 && date.GetDay() >= 1 && date.GetDay() <= last
}

// class says where a byte may stand.
type class uint8

const (
	digit class = 1 << iota
	printable
	mailbox
	hostname
	dialled
)

//nolint:gochecknoglobals // a table, made once
var classes = func() (classes [256]class) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const digits = "0123456789"
	for b := range classes {
		if b > ' ' && b < 0x7f {
			classes[b] |= printable
		}
	}
	for of, bytes := range map[class]string{
		digit:    digits,
		mailbox:  letters + digits + ".!#$%&'*+/=?^_`{|}~-",
		hostname: letters + digits + "-",
		dialled:  digits + " ().-/#x",
	} {
		for _, b := range []byte(bytes) {
			classes[b] |= of
		}
	}
	return classes
}()

func only(s string, of class) bool {
	for i := range len(s) {
		if classes[s[i]]&of == 0 {
			return false
		}
	}
	return true
}
