package e2e

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
	contactv1 "rollcall/gen/contact/v1"
)

// written is a person, and the same as `capnp decode` writes it.
type written struct {
	person *contactv1.Person
	text   string
}

func examples() []written {
	return []written{
		{persons.Complete("ada"), `(name = "Ada Lovelace, Gräfin \"λ\" 愛", email = "ada@example.org", ` +
			`birthdate = (year = 1815, month = 12, day = 10), phones = [` +
			`(number = "+44 20 7946 0001", type = mobile), (number = "020 7946 0002", type = home), ` +
			`(number = "020 7946 0003", type = work), (number = "020 7946 0004", type = unspecified)])`},
		{persons.Bare("grace"), `(name = "Grace", email = "grace@example.org")`},
		{
			&contactv1.Person{Name: "Leap", Email: "leap@example.org", Birthdate: &contactv1.Date{Year: 2024, Month: 2, Day: 29}},
			`(name = "Leap", email = "leap@example.org", birthdate = (year = 2024, month = 2, day = 29))`,
		},
		{
			&contactv1.Person{Name: "Phone", Email: "phone@example.org", Phones: []*contactv1.PhoneNumber{{Number: "112", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE}}},
			`(name = "Phone", email = "phone@example.org", phones = [(number = "112", type = mobile)])`,
		},
	}
}

func startServeWithNATS(t *testing.T) (*servers.Server, jetstream.JetStream) {
	t.Helper()

	s := servers.StartServe(t, "--data", t.TempDir(), "--nats-listen", "127.0.0.1:0")

	return s, servers.ConnectNATS(t, s.LoggedURL(t, "embedded NATS listens"))
}

func TestStreamIsReadByCapnp(t *testing.T) {
	requireReadable(t, func(t *testing.T, message []byte, example written) {
		t.Helper()

		if got := programs.CapnpDecode(t, message); got != example.text {
			t.Errorf("capnp decode says\n%s, not\n%s", got, example.text)
		}
	})
}

func TestStreamIsReadByCapnpES(t *testing.T) {
	library := programs.StartCapnpES(t)

	requireReadable(t, func(t *testing.T, message []byte, example written) {
		t.Helper()

		var read json.RawMessage

		library.Do(t, map[string][]byte{"read": message}, &read)
		requireSame(t, clients.FromJSON(t, read, new(contactv1.Person)), example.person)
	})
}

// requireReadable submits the examples and has what is stored of them checked.
func requireReadable(t *testing.T, check func(*testing.T, []byte, written)) {
	t.Helper()

	s, js := startServeWithNATS(t)

	stream, err := js.Stream(t.Context(), servers.StreamName)
	if err != nil {
		t.Fatal(err)
	}

	for _, example := range examples() {
		at := clients.MustSubmit(t, s.Conn, clients.Submission(example.person, ""))

		message, err := stream.GetMsg(t.Context(), at.GetSequence())
		if err != nil {
			t.Fatal(err)
		}

		if !bytes.HasPrefix(message.Data, []byte{0, 0, 0, 0}) {
			t.Errorf("not one segment in a frame: % x", message.Data[:8])
		}

		check(t, message.Data, example)
	}
}

func TestPublishedByCapnp(t *testing.T) {
	requireWatchedAsPublished(t, func(t *testing.T, example written) []byte {
		t.Helper()

		return programs.CapnpEncode(t, example.text)
	})
}

func TestPublishedByCapnpES(t *testing.T) {
	library := programs.StartCapnpES(t)

	requireWatchedAsPublished(t, func(t *testing.T, example written) []byte {
		t.Helper()

		var message []byte

		library.Do(t, map[string]json.RawMessage{"write": json.RawMessage(clients.ToJSON(example.person))}, &message)

		return message
	})
}

// requireWatchedAsPublished publishes the examples behind the gateway's back, in
// both forms that are on streams.
func requireWatchedAsPublished(t *testing.T, encode func(*testing.T, written) []byte) {
	t.Helper()

	s, js := startServeWithNATS(t)
	w := traffic.StartWatch(t, s.Conn, clients.FromAll())

	for _, example := range examples() {
		message := encode(t, example)

		for _, payload := range [][]byte{message, jsonArray(message)} {
			sequence := publish(t, js, payload)
			requireSame(t, w.Event(t, sequence).GetPerson(), example.person)
		}
	}
}

func TestGarbageIsRejected(t *testing.T) {
	s, js := startServeWithNATS(t)
	w := traffic.StartWatch(t, s.Conn, clients.FromAll())
	whole := programs.CapnpEncode(t, examples()[0].text)

	for name, payload := range map[string][]byte{
		"empty":              {},
		"text":               []byte("hello, world"),
		"zeros":              make([]byte, 3),
		"cut off":            whole[:len(whole)-8],
		"far pointer":        bytes.Replace(whole, whole[8:16], []byte("\xfe\xff\xff\xff\xff\xff\xff\xff"), 1),
		"many segments":      []byte("\xff\xff\xff\xff\xff\xff\xff\xff"),
		"array of others":    []byte(`[1,"2"]`),
		"array of no bytes":  []byte(`[0,0,0,256]`),
		"array cut off":      []byte(`[0,0,0`),
		"array with garbage": jsonArray([]byte("hello")),
	} {
		sequence := publish(t, js, payload)

		rejected := w.Event(t, sequence).GetRejected()
		if rejected.GetReason() == "" || int(rejected.GetSize()) != len(payload) {
			t.Errorf("%s: %v", name, w.Event(t, sequence))
		}
	}

	// And it goes on.
	at := clients.MustSubmit(t, s.Conn, clients.Submission(persons.Complete("after"), ""))
	requireSame(t, w.Event(t, at.GetSequence()).GetPerson(), persons.Complete("after"))
}

func publish(t *testing.T, js jetstream.JetStream, payload []byte) uint64 {
	t.Helper()

	ack, err := js.Publish(t.Context(), servers.SubjectName, payload)
	if err != nil {
		t.Fatal(err)
	}

	return ack.Sequence
}

// jsonArray is the form of the older publishers.
func jsonArray(message []byte) []byte {
	numbers := make([]string, 0, len(message))
	for _, b := range message {
		numbers = append(numbers, strconv.Itoa(int(b)))
	}

	return []byte("[" + strings.Join(numbers, ",") + "]")
}
