package gateway_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
)

// largest is a submission that has all it may have.
func largest(n int) *contactv1.SubmitPersonRequest {
	key := fmt.Sprintf("%d-", n)
	label := strings.Repeat("d", 62)
	person := &contactv1.Person{
		Name:      strings.Repeat("😀", 200),
		Email:     strings.Repeat("m", 65) + "@" + label + "." + label + "." + label, // 254 characters
		Birthdate: &contactv1.Date{Year: 1999, Month: 12, Day: 31},
	}
	for range 20 {
		person.Phones = append(person.Phones, &contactv1.PhoneNumber{Number: "+" + strings.Repeat("1", 31), Type: contactv1.PhoneType_PHONE_TYPE_MOBILE})
	}
	return &contactv1.SubmitPersonRequest{Person: person, IdempotencyKey: key + strings.Repeat(`"`, 128-len(key))}
}

// TestSubmitPersonsTakesWhatTheAPISays holds its comment to its word: 1 MiB has room for
// 1,000 persons of 1,000 bytes, and for 200 of the largest there may be.
func TestSubmitPersonsTakesWhatTheAPISays(t *testing.T) {
	f := newFixture(t)
	var all []*contactv1.SubmitPersonRequest
	for n := range 200 {
		all = append(all, largest(n))
	}
	request := &contactv1.SubmitPersonsRequest{Submissions: all}
	binary, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	ascii := inASCII(text)
	small := []byte(`{"submissions":[` + strings.TrimSuffix(strings.Repeat(padded(1000)+",", 1000), ",") + `]}`)
	for name, body := range map[string]struct {
		contentType string
		bytes       []byte
		results     int
	}{
		"the largest in Protobuf":                 {"application/proto", binary, 200},
		"the largest in JSON":                     {"application/json", text, 200},
		"the largest in JSON of ASCII":            {"application/json", ascii, 200},
		"a thousand of a thousand bytes, in JSON": {"application/json", small, 1000},
	} {
		status, _, answer := f.post("/contact.v1.SubmitService/SubmitPersons", body.contentType, body.bytes, nil)
		results, _ := answer["results"].([]any)
		if status != http.StatusOK || (body.contentType == "application/json" && len(results) != body.results) || strings.Contains(fmt.Sprint(answer), "error") {
			t.Errorf("%s, %d bytes: got %d, %d results, %.300v", name, len(body.bytes), status, len(results), answer)
		}
	}
	f.expectStored(200 + 1000)
}

// padded is a submission in so many bytes of JSON, the comma behind it included.
func padded(size int) string {
	submission := `{"person":{"name":"Ada","email":"ada@example.org"}}`
	return strings.Repeat(" ", size-1-len(submission)) + submission
}

// inASCII escapes all that is not ASCII, as many encoders do.
func inASCII(text []byte) []byte {
	var all bytes.Buffer
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r < utf8.RuneSelf:
			all.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&all, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&all, `\u%04x`, r)
		}
		text = text[size:]
	}
	return all.Bytes()
}
