package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats-server/v2/server"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

func TestSubmittedPersonIsStored(t *testing.T) {
	f := newFixture(t)
	response := f.mustSubmit(ada(), "")
	if response.GetSequence() != 1 || response.GetDuplicate() || response.GetEpoch() != stream.Epoch(f.info()) {
		t.Errorf("got %v", response)
	}
	payload := f.stored(1)
	if !bytes.HasPrefix(payload, []byte{0, 0, 0, 0}) {
		t.Errorf("stored %x…, want one segment's frame", payload[:8])
	}
	got, err := person.Decode(payload)
	if err != nil || !proto.Equal(got, ada()) {
		t.Errorf("stored %v, %v; want what was submitted", got, err)
	}
}

func TestOptionalMeansOptional(t *testing.T) {
	f := newFixture(t)
	least := &contactv1.Person{Name: "A", Email: "a@b.co"}
	f.mustSubmit(least, "")
	if got, err := person.Decode(f.stored(1)); err != nil || !proto.Equal(got, least) {
		t.Errorf("stored %v, %v", got, err)
	}
}

func TestInvalidPersonsAreRefusedAndNotStored(t *testing.T) {
	tomorrow := time.Now().UTC().AddDate(0, 0, 1)
	date := func(y, m, d int32) func(*contactv1.Person) {
		return func(p *contactv1.Person) { p.Birthdate = &contactv1.Date{Year: y, Month: m, Day: d} }
	}
	phone := func(number string) func(*contactv1.Person) {
		return func(p *contactv1.Person) { p.Phones = []*contactv1.PhoneNumber{{Number: number}} }
	}
	tests := []struct {
		name  string
		spoil func(*contactv1.Person)
		says  string
	}{
		{"no name", func(p *contactv1.Person) { p.Name = "" }, "person.name"},
		{"blank name", func(p *contactv1.Person) { p.Name = " \t" }, "person.name"},
		{"name of 201 characters", func(p *contactv1.Person) { p.Name = strings.Repeat("ü", 201) }, "person.name"},
		{"line break in the name", func(p *contactv1.Person) { p.Name = "A\nB" }, "person.name"},
		{"no e-mail", func(p *contactv1.Person) { p.Email = "" }, "person.email"},
		{"e-mail without a host", func(p *contactv1.Person) { p.Email = "ada" }, "person.email"},
		{"e-mail of 255 characters", func(p *contactv1.Person) { p.Email = strings.Repeat("a", 243) + "@example.org" }, "person.email"},
		{"phone of letters", phone("call me"), "person.phones[0].number"},
		{"phone of one digit", phone("1"), "person.phones[0].number"},
		{"phone of 33 digits", phone(strings.Repeat("1", 33)), "person.phones[0].number"},
		{"unknown kind of phone", func(p *contactv1.Person) { p.Phones[0].Type = 9 }, "person.phones[0].type"},
		{"21 phones", func(p *contactv1.Person) {
			for len(p.Phones) < 21 {
				p.Phones = append(p.Phones, p.Phones[0])
			}
		}, "person.phones"},
		{"30 February", date(2000, 2, 30), "person.birthdate"},
		{"29 February of a common year", date(1900, 2, 29), "person.birthdate"},
		{"31 April", date(2001, 4, 31), "person.birthdate"},
		{"month 13", date(2000, 13, 1), "person.birthdate.month"},
		{"day 0", date(2000, 1, 0), "person.birthdate.day"},
		{"year 0", date(0, 1, 1), "person.birthdate.year"},
		{"born tomorrow", date(int32(tomorrow.Year()), int32(tomorrow.Month()), int32(tomorrow.Day())), "person.birthdate"},
		{"year 10000", date(10000, 1, 1), "person.birthdate.year"},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := ada()
			test.spoil(p)
			_, err := f.submit(p, "")
			if connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), test.says+":") {
				t.Errorf("got %v, want invalid_argument for %s", err, test.says)
			}
		})
	}
	for name, spoil := range map[string]func(*contactv1.Person){
		"29 February of a leap year": date(2000, 2, 29),
		"today": func(p *contactv1.Person) {
			today := time.Now().UTC()
			p.Birthdate = &contactv1.Date{Year: int32(today.Year()), Month: int32(today.Month()), Day: int32(today.Day())}
		},
		"phone with an extension": phone("+1 (212) 555-0100 x12"),
		"name in other scripts":   func(p *contactv1.Person) { p.Name = "山田 太郎" },
	} {
		t.Run("fine: "+name, func(t *testing.T) {
			p := ada()
			spoil(p)
			if err := f.gatewayAccepts(p); err != nil {
				t.Error(err)
			}
		})
	}
	f.expectStored(4)
}

func (f *fixture) gatewayAccepts(p *contactv1.Person) error {
	_, err := f.submit(p, "")
	return err
}

func TestPersonIsRequired(t *testing.T) {
	f := newFixture(t)
	if _, err := f.submit(nil, ""); connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), "person:") {
		t.Errorf("got %v", err)
	}
}

func TestIdempotencyKeys(t *testing.T) {
	tests := []struct {
		name string
		key  string
		fine bool
	}{
		{"a UUID", "0b0f9a7e-54f3-4a9f-9b59-3d3d3bb8a6b1", true},
		{"one character", "k", true},
		{"128 characters", strings.Repeat("k", 128), true},
		{"a space inside", "a b", true},
		{"129 characters", strings.Repeat("k", 129), false},
		{"a space at the end", "k ", false},
		{"a line break", "k\nX-Header: y", false},
		{"not ASCII", "schlüssel", false},
	}
	f := newFixture(t)
	var stored uint64
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			first, err := f.submit(ada(), test.key)
			if !test.fine {
				if connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), "idempotency_key:") {
					t.Errorf("got %v, want a refusal that names the field", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			stored++
			again := f.mustSubmit(ada(), test.key)
			if !again.GetDuplicate() || again.GetSequence() != first.GetSequence() || again.GetEpoch() != first.GetEpoch() {
				t.Errorf("again got %v, first %v: want a duplicate at the same place", again, first)
			}
		})
	}
	f.expectStored(stored)
}

func TestKeyOfAnotherPersonIsRefused(t *testing.T) {
	tests := []struct {
		name   string
		change func(*contactv1.Person)
		says   string
	}{
		{"another name", func(p *contactv1.Person) { p.Name = "Ada Byron" }, "person.name differs"},
		{"another e-mail", func(p *contactv1.Person) { p.Email = "a@example.org" }, "person.email differs"},
		{"another phone", func(p *contactv1.Person) { p.Phones[0].Number = "+44 1" }, "person.phones[0].number differs"},
		{"no birthdate", func(p *contactv1.Person) { p.Birthdate = nil }, "person.birthdate"},
	}
	f := newFixture(t)
	f.mustSubmit(ada(), "key")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := ada()
			test.change(p)
			_, err := f.submit(p, "key")
			if connect.CodeOf(err) != connect.CodeAlreadyExists || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "sequence 1") {
				t.Errorf("got %v, want already_exists that says %q", err, test.says)
			}
		})
	}
	f.expectStored(1)
}

func TestKeyWhosePersonIsGoneIsRefused(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(ada(), "key")
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMsg(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := f.submit(ada(), "key"); connect.CodeOf(err) != connect.CodeFailedPrecondition || !strings.Contains(err.Error(), "new key") {
		t.Errorf("got %v; an OK would be for a person that is not stored", err)
	}
}

func TestSameKeyAtOnceStoresOnePerson(t *testing.T) {
	f := newFixture(t)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			if response, err := f.submit(ada(), "key"); err != nil || response.GetSequence() != 1 {
				t.Errorf("got %v, %v", response, err)
			}
		})
	}
	group.Wait()
	f.expectStored(1)
}

// TestEpochIsThatOfTheSequence has the stream made anew between two submissions, and
// others publish: fewer, as many and more than it had before.
func TestEpochIsThatOfTheSequence(t *testing.T) {
	for _, others := range []int{0, 4, 5, 20} {
		t.Run(fmt.Sprintf("%d others", others), func(t *testing.T) {
			f := newFixture(t)
			for n := range 4 {
				f.mustSubmit(ada(), fmt.Sprint(n))
			}
			before := f.mustSubmit(ada(), "").GetEpoch()
			if err := f.js.DeleteStream(context.Background(), streamtest.Name); err != nil {
				t.Fatal(err)
			}
			streamtest.CreateStream(t, f.js, streamtest.Config())
			for range others {
				if _, err := f.js.Publish(context.Background(), streamtest.Subject, []byte("another's")); err != nil {
					t.Fatal(err)
				}
			}
			expect := func(what string, epoch string, sequence, want uint64) {
				t.Helper()
				if epoch == before || epoch != stream.Epoch(f.info()) || sequence != want {
					t.Errorf("%s: got %s:%d, want %s:%d", what, epoch, sequence, stream.Epoch(f.info()), want)
				}
			}
			next := uint64(others) + 1
			response := f.mustSubmit(ada(), "0") // a key of the stream before
			expect("one", response.GetEpoch(), response.GetSequence(), next)
			results, err := f.client.SubmitPersons(t.Context(), &contactv1.SubmitPersonsRequest{Submissions: some(1, 2), AllOrNothing: true})
			if err != nil {
				t.Fatal(err)
			}
			stored := results.GetResults()[1].GetStored()
			expect("all or nothing", stored.GetEpoch(), stored.GetSequence(), next+2)
		})
	}
}

// fill submits until the stream refuses.
func (f *fixture) fill() *fixture {
	f.t.Helper()
	for range 200 {
		if _, err := f.submit(ada(), ""); err != nil {
			return f
		}
	}
	f.t.Fatal("the stream never gets full")
	return nil
}

func TestRefusalsOfTheStream(t *testing.T) {
	full := func(t *testing.T) *fixture {
		return newFixture(t, func(c *stream.Config) { c.MaxBytes = 1024 }).fill()
	}
	diskFull := func(t *testing.T) *fixture {
		f := newFixtureBeside(t, streamtest.Start(t, func(o *server.Options) { o.JetStreamMaxStore = 16 << 10 }))
		streamtest.CreateStream(t, f.js, streamtest.Config())
		return f.fill()
	}
	away := func(t *testing.T) *fixture {
		f := newFixture(t)
		f.nats.Stop()
		f.awaitAway()
		return f
	}
	silent := func(t *testing.T) *fixture { // somebody listens on the subject, and never acknowledges
		f := newFixtureBeside(t, streamtest.Start(t), impatient)
		if _, err := f.nc.SubscribeSync(streamtest.Subject); err != nil {
			t.Fatal(err)
		}
		if err := f.nc.Flush(); err != nil {
			t.Fatal(err)
		}
		return f
	}
	tests := []struct {
		name   string
		make   func(*testing.T) *fixture
		code   connect.Code
		reason string
		retry  bool
	}{
		{"full", full, connect.CodeResourceExhausted, "STREAM_FULL", false},
		{"server out of storage", diskFull, connect.CodeResourceExhausted, "STREAM_FULL", false},
		{"no stream", newFixtureWithoutStream, connect.CodeUnavailable, "NO_STREAM", true},
		{"NATS away", away, connect.CodeUnavailable, "NATS_AWAY", true},
		{"no acknowledgement", silent, connect.CodeDeadlineExceeded, "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := test.make(t)
			_, err := f.submit(ada(), "")
			if connect.CodeOf(err) != test.code {
				t.Fatalf("got %v, want %s", err, test.code)
			}
			if d := detailsOf(t, err); d.reason != test.reason || (d.retry > 0) != test.retry {
				t.Errorf("got %+v, want reason %q, retry %v", d, test.reason, test.retry)
			}
			_, header, _ := f.post("/persons", "application/x-capnp", encoded(t, ada()), nil)
			if (header.Get("Retry-After") != "") != test.retry {
				t.Errorf("Retry-After %q, want one: %v", header.Get("Retry-After"), test.retry)
			}
		})
	}
}

func TestRetryAfterIsAHeaderOfConnectsAnswersToo(t *testing.T) {
	f := newFixtureWithoutStream(t)
	status, header, answer := f.post("/contact.v1.SubmitService/SubmitPerson", "application/json", []byte(`{"person":{"name":"Ada","email":"ada@example.org"}}`), nil)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") != "1" {
		t.Errorf("got %d, Retry-After %q, %v", status, header.Get("Retry-After"), answer)
	}
}

func TestNothingRefusedIsStoredLater(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(ada(), "")
	f.nats.Stop()
	f.awaitAway()
	for range 5 {
		if _, err := f.submit(ada(), ""); connect.CodeOf(err) != connect.CodeUnavailable {
			t.Fatalf("got %v, want unavailable", err)
		}
	}
	f.nats.Restart()
	streamtest.Eventually(t, "the gateway is ready again", func() bool { return f.gateway.Ready() == nil })
	streamtest.Eventually(t, "so is the test", f.nc.IsConnected)
	if response := f.mustSubmit(ada(), ""); response.GetSequence() != 2 {
		t.Errorf("the next is stored at %d, want 2", response.GetSequence())
	}
	f.expectStored(2)
}

func TestReadyWhileItCanPublish(t *testing.T) {
	f := newFixtureWithoutStream(t)
	streamtest.Eventually(t, "it says that there is no stream", func() bool {
		err := f.gateway.Ready()
		return err != nil && strings.Contains(err.Error(), `stream "stream" does not exist`)
	})
	streamtest.CreateStream(t, f.js, streamtest.Config())
	streamtest.Eventually(t, "it is ready once there is one", func() bool { return f.gateway.Ready() == nil })
}

func TestStoppedGatewayRefuses(t *testing.T) {
	f := newFixture(t)
	f.gateway.Stop(context.Background())
	if _, err := f.submit(ada(), ""); connect.CodeOf(err) != connect.CodeUnavailable || detailsOf(t, err).retry == 0 {
		t.Errorf("got %v, want unavailable with a retry hint", err)
	}
	f.expectStored(0)
}

func TestClientsOwnDeadlineHolds(t *testing.T) {
	f := newFixtureWithoutStream(t)
	if _, err := f.nc.SubscribeSync(streamtest.Subject); err != nil {
		t.Fatal(err)
	}
	if err := f.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := f.client.SubmitPerson(ctx, &contactv1.SubmitPersonRequest{Person: ada()})
	if connect.CodeOf(err) != connect.CodeDeadlineExceeded {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took > 900*time.Millisecond {
		t.Errorf("took %s: the gateway's own deadline, not the client's", took)
	}
}
