package person_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"

	"capnproto.org/go/capnp/v3"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/schema"
	"rollcall/internal/person"
)

// adaBytes is what `capnp encode schema/person.capnp Person` writes for ada().
const adaBytes = "0000000012000000" + // one segment, 18 words
	"0000000000000400" + // root: a struct of four pointers
	"0d0000006a000000" + "1100000082000000" + // name, email
	"1400000001000000" + "1500000027000000" + // birthdate, phones
	"416461204c6f76656c61636500000000" + // Ada Lovelace
	"616461406578616d706c652e6f726700" + // ada@example.org
	"17070c0a00000000" + // 1815-12-10
	"0800000001000100" + // two elements of a word and a pointer
	"02000000000000000900000062000000" + // work
	"03000000000000000900000032000000" + // unspecified
	"2b34342032302037393436" + "0000000000" + // +44 20 7946
	"3033302031000000" // 030 1

func ada() *contactv1.Person {
	return &contactv1.Person{
		Name:      "Ada Lovelace",
		Email:     "ada@example.org",
		Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
		Phones: []*contactv1.PhoneNumber{
			{Number: "+44 20 7946", Type: contactv1.PhoneType_PHONE_TYPE_WORK},
			{Number: "030 1"},
		},
	}
}

func TestEncodeWritesWhatTheCapnpToolWrites(t *testing.T) {
	t.Parallel()
	got := encode(t, ada())
	if hex.EncodeToString(got) != adaBytes {
		t.Errorf("got  %x\nwant %s", got, adaBytes)
	}
}

func TestEncodeAppends(t *testing.T) {
	t.Parallel()
	got, err := person.Encode([]byte("before"), ada())
	if err != nil {
		t.Fatal(err)
	}
	if want := "before" + string(unhex(t, adaBytes)); string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecodeReadsWhatTheCapnpToolWrites(t *testing.T) {
	t.Parallel()
	got, err := person.Decode(unhex(t, adaBytes))
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, ada()) {
		t.Errorf("got %v, want %v", got, ada())
	}
}

func TestEveryPersonSurvives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anyPerson(t)
		payload, err := person.Encode(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		if size := person.Size(want); size != len(payload) {
			t.Fatalf("%d bytes are counted, and %d written", size, len(payload))
		}
		got, err := person.Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(got, want) || person.Diff(got, want) != "" {
			t.Fatalf("got %v, want %v", got, want)
		}
		message, err := capnp.Unmarshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		if marshalled, err := message.Marshal(); err != nil || !bytes.Equal(marshalled, payload) {
			t.Fatalf("Marshal gives %x (%v), want %x", marshalled, err, payload)
		}
		array, err := person.Decode(jsonArray(payload))
		if err != nil || !proto.Equal(array, want) {
			t.Fatalf("as a JSON array: got %v (%v), want %v", array, err, want)
		}
	})
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		person     *contactv1.Person
	}{
		{"no person", "no person in it", nil},
		{"name", "name is not valid UTF-8", &contactv1.Person{Name: "\xff"}},
		{"e-mail", "email is not valid UTF-8", &contactv1.Person{Email: "a\x80"}},
		{"number", "phones[1].number is not valid UTF-8", &contactv1.Person{
			Phones: []*contactv1.PhoneNumber{{}, {Number: "\xc0"}},
		}},
		{"phone type", "phones[0].type: 7 is not one that can be stored", &contactv1.Person{
			Phones: []*contactv1.PhoneNumber{{Type: 7}},
		}},
		{"year too small", "birthdate.year: -32769 cannot be stored", &contactv1.Person{
			Birthdate: &contactv1.Date{Year: -32769},
		}},
		{"month too small", "birthdate.month: -1 cannot be stored", &contactv1.Person{
			Birthdate: &contactv1.Date{Month: -1},
		}},
		{"day too large", "birthdate.day: 256 cannot be stored", &contactv1.Person{
			Birthdate: &contactv1.Date{Day: 256},
		}},
		{"year", "birthdate.year: 32768 cannot be stored", &contactv1.Person{
			Birthdate: &contactv1.Date{Year: 32768},
		}},
		{"month", "birthdate.month: 256 cannot be stored", &contactv1.Person{
			Birthdate: &contactv1.Date{Month: 256},
		}},
		{"day", "birthdate.day: -1 cannot be stored", &contactv1.Person{
			Birthdate: &contactv1.Date{Day: -1},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dst, err := person.Encode([]byte("before"), test.person)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if string(dst) != "before" {
				t.Errorf("dst came back as %q", dst)
			}
		})
	}
}

func TestTheLargestPersonAndOneMore(t *testing.T) {
	t.Parallel()
	// Header, root pointer, four pointers, and the name's NUL.
	largest := person.MaxPayload - 8 - 8 - 4*8 - 1
	payload := encode(t, &contactv1.Person{Name: strings.Repeat("x", largest)})
	if len(payload) != person.MaxPayload {
		t.Fatalf("got %d bytes, want %d", len(payload), person.MaxPayload)
	}
	if _, err := person.Decode(payload); err != nil {
		t.Errorf("decode the largest: %v", err)
	}
	if _, err := person.Decode(jsonArray(payload)); err != nil {
		t.Errorf("decode the largest as a JSON array: %v", err)
	}
	_, err := person.Encode(nil, &contactv1.Person{Name: strings.Repeat("x", largest+1)})
	if !errors.Is(err, person.ErrTooLarge) {
		t.Errorf("encode one more: got %v, want ErrTooLarge", err)
	}
	_, err = person.Decode(append(payload, 0, 0, 0, 0, 0, 0, 0, 0))
	if !errors.Is(err, person.ErrTooLarge) {
		t.Errorf("decode one more: got %v, want ErrTooLarge", err)
	}
}

func TestTheFarthestDates(t *testing.T) {
	t.Parallel()
	for _, date := range []*contactv1.Date{{Year: 32767, Month: 255, Day: 255}, {Year: -32768}} {
		want := &contactv1.Person{Birthdate: date}
		if got, err := person.Decode(encode(t, want)); err != nil || !proto.Equal(got, want) {
			t.Errorf("got %v (%v), want %v", got, err, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		payload []byte
		want    string
	}{
		{"nil", nil, "empty message"},
		{"nothing", []byte{}, "empty message"},
		{"text", []byte("hello, world"), "not a Cap'n Proto message: "},
		{"JSON object", []byte(`{"name":"Ada"}`), "not a Cap'n Proto message: "},
		{"short header", []byte{0, 0, 0, 0}, "not a Cap'n Proto message: 4 bytes are shorter than its header"},
		{"header cut by a byte", make([]byte, 7), "not a Cap'n Proto message: 7 bytes are shorter than its header"},
		{"short segment", words(1<<32, 0)[:8], "not a Cap'n Proto message: its header says 16 bytes, and there are 8"},
		{"no words", words(0), "person: "},
		{"trailing bytes", append(unhex(t, adaBytes), 0), "its header says 152 bytes, and there are 153"},
		{"two messages", append(unhex(t, adaBytes), unhex(t, adaBytes)...), "its header says 152 bytes, and there are 304"},
		{"segments", words(0xffff_ffff, 0), "4294967296 segments, more than 512"},
		{"segment sizes cut short", words(9, 0), "its header is cut short"},
		{"segment sizes cut by a word", words(2), "its header is cut short"},
		{"a segment too many", inSegments(513), "513 segments, more than 512"},
		{"null root", words(1<<32, 0), "no person in it"},
		{"root is a list", words(2<<32, listPointer(0, 2, 1), 0), "person: a pointer of the wrong kind"},
		{"root points outside", words(1<<32, 4<<48), "person: "},
		{"root is a capability", words(1<<32, 3), "person: a pointer of the wrong kind"},
		{"name is a struct", personOf(structPointer(3), 0, 0, 0), "name is not a text that ends in NUL"},
		{"name without NUL", personOf(listPointer(3, 2, 3), 0, 0, 0, 0x616161), "name is not a text that ends in NUL"},
		{"name not UTF-8", personOf(listPointer(3, 2, 3), 0, 0, 0, 0x00ffff), "name is not valid UTF-8"},
		{"email outside", personOf(0, listPointer(100, 2, 3), 0, 0), "email: "},
		{"birthdate is a list", personOf(0, 0, listPointer(1, 2, 3), 0, 0), "birthdate: a pointer of the wrong kind"},
		{"phones is a struct", personOf(0, 0, 0, structPointer(0)), "phones: a pointer of the wrong kind"},
		{"phones is a list of bits", personOf(0, 0, 0, listPointer(0, 1, 3), 0), "phones[0]: a pointer of the wrong kind"},
		{"phones without end", personOf(0, 0, 0, listPointer(0, 0, 1<<28)), "phones: "},
		{"number", personOf(0, 0, 0, listPointer(0, 6, 1), 5), "phones[0].number: "},
		{"too many small phones", manySmallPhones(4097), "phones: larger than 65536 bytes: there are 4097"},
		{"small phones, too large when written out", manySmallPhones(4096), "larger than 65536 bytes: written out it takes 65592"},
		{"one text many times", sharedText(t), "phones["},
		{"JSON array", []byte("[0,0,0,256]"), "JSON array: element 3: more than 255"},
		{"JSON array of nothing", []byte("[]"), "not a Cap'n Proto message: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := person.Decode(test.payload)
			if err == nil {
				t.Fatalf("got %v, want the error %q", got, test.want)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
		})
	}
}

func TestDecodeTakesOthersMessages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		payload []byte
		want    *contactv1.Person
	}{
		{"all fields empty", personOf(0, 0, 0, 0), &contactv1.Person{}},
		{"an older schema's smaller struct", words(1<<32, 0x00000000_fffffffc), &contactv1.Person{}},
		{"empty text", personOf(listPointer(3, 2, 1), 0, 0, 0, 0), &contactv1.Person{}},
		{"empty list of phones", personOf(0, 0, 0, listPointer(0, 7, 0), 0), &contactv1.Person{}},
		{
			"birthdate said, and all zero",
			personOf(0, 0, structPointer(1)|1<<32, 0, 0),
			&contactv1.Person{Birthdate: &contactv1.Date{}},
		},
		{
			"a newer schema's phone type",
			personOf(0, 0, 0, listPointer(0, 7, 2), 1<<48|1<<32|1<<2, 9, 0),
			&contactv1.Person{Phones: []*contactv1.PhoneNumber{{}}},
		},
		{"as many segments as may be", inSegments(512), &contactv1.Person{}},
		{"several segments", severalSegments(t), &contactv1.Person{Name: strings.Repeat("n", 2000), Email: "e"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := person.Decode(test.payload)
			if err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func encode(tb testing.TB, p *contactv1.Person) []byte {
	tb.Helper()
	payload, err := person.Encode(nil, p)
	if err != nil {
		tb.Fatal(err)
	}
	return payload
}

// anyPerson is a person that the schema can hold, within the API's rules or not.
func anyPerson(t *rapid.T) *contactv1.Person {
	p := &contactv1.Person{
		Name:  rapid.String().Draw(t, "name"),
		Email: rapid.String().Draw(t, "email"),
	}
	for range rapid.IntRange(0, 20).Draw(t, "phones") {
		p.Phones = append(p.Phones, &contactv1.PhoneNumber{
			Number: rapid.String().Draw(t, "number"),
			Type:   contactv1.PhoneType(rapid.Int32Range(0, 3).Draw(t, "type")),
		})
	}
	if rapid.Bool().Draw(t, "birthdate") {
		p.Birthdate = &contactv1.Date{
			Year:  int32(rapid.Int16().Draw(t, "year")),
			Month: int32(rapid.Uint8().Draw(t, "month")),
			Day:   int32(rapid.Uint8().Draw(t, "day")),
		}
	}
	return p
}

func jsonArray(payload []byte) []byte {
	array := []byte("[")
	for i, b := range payload {
		if i > 0 {
			array = append(array, ',')
		}
		array = strconv.AppendUint(array, uint64(b), 10)
	}
	return append(array, ']')
}

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	payload, err := hex.DecodeString(text)
	if err != nil {
		tb.Fatal(err)
	}
	return payload
}

// sharedText is a message in which ten phones point at one long number.
func sharedText(tb testing.TB) []byte {
	tb.Helper()
	message, segment := capnp.NewSingleSegmentMessage(nil)
	root, err := schema.NewRootPerson(segment)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := capnp.NewText(segment, strings.Repeat("1", 1000))
	if err != nil {
		tb.Fatal(err)
	}
	phones, err := root.NewPhones(10)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range phones.Len() {
		if err := capnp.Struct(phones.At(i)).SetPtr(0, text.ToPtr()); err != nil {
			tb.Fatal(err)
		}
	}
	return marshal(tb, message)
}

// severalSegments is a message whose writer's first segment was too small.
func severalSegments(tb testing.TB) []byte {
	tb.Helper()
	message, segment := capnp.NewMultiSegmentMessage(nil)
	root, err := schema.NewRootPerson(segment)
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(root.SetName(strings.Repeat("n", 2000)), root.SetEmail("e")); err != nil {
		tb.Fatal(err)
	}
	if message.NumSegments() < 2 {
		tb.Fatal("the message has one segment only")
	}
	return marshal(tb, message)
}

func marshal(tb testing.TB, message *capnp.Message) []byte {
	tb.Helper()
	payload, err := message.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	return payload
}
