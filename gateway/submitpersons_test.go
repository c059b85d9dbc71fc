package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// numbered is a submission with a key of its own.
func numbered(n int) *contactv1.SubmitPersonRequest {
	p := ada()
	p.Name = fmt.Sprintf("Ada %d", n)
	return &contactv1.SubmitPersonRequest{Person: p, IdempotencyKey: fmt.Sprintf("key-%d", n)}
}

// some are the submissions from first to last.
func some(first, last int) []*contactv1.SubmitPersonRequest {
	var all []*contactv1.SubmitPersonRequest
	for n := first; n <= last; n++ {
		all = append(all, numbered(n))
	}
	return all
}

func (f *fixture) submitAll(all []*contactv1.SubmitPersonRequest, orNothing bool) ([]string, error) {
	f.t.Helper()
	response, err := f.client.SubmitPersons(context.Background(), &contactv1.SubmitPersonsRequest{Submissions: all, AllOrNothing: orNothing})
	return said(response.GetResults()), err
}

// said is results as tests compare them.
func said(results []*contactv1.SubmissionResult) []string {
	var all []string
	for _, result := range results {
		stored, refused := result.GetStored(), result.GetError()
		switch {
		case stored.GetDuplicate():
			all = append(all, fmt.Sprintf("duplicate %d", stored.GetSequence()))
		case stored != nil:
			all = append(all, fmt.Sprintf("stored %d", stored.GetSequence()))
		default:
			text := refused.GetCode() + ": " + refused.GetMessage()
			for _, v := range refused.GetViolations() {
				text += " <" + v.GetRuleId() + ">"
			}
			all = append(all, text)
		}
	}
	return all
}

// expectSaid compares; each wanted text is the beginning of what was said.
func expectSaid(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d results, want %d: %q", len(got), len(want), got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("result %d: got %q, want %q…", i, got[i], want[i])
		}
	}
}

func TestEachOfManyHasItsOwnResult(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(numbered(2).GetPerson(), "key-2")
	other := numbered(2)
	other.IdempotencyKey, other.Person.Name = "key-1", "Somebody Else"
	nameless := numbered(9)
	nameless.Person.Name = " "
	got, err := f.submitAll([]*contactv1.SubmitPersonRequest{numbered(1), numbered(2), nameless, {}, numbered(3), other}, false)
	if err != nil {
		t.Fatal(err)
	}
	expectSaid(t, got, "stored 2", "duplicate 1",
		"invalid_argument: validation error: person.name: must not be blank: give the person's full name, with at least one character that can be seen",
		"invalid_argument: validation error: person: value is required",
		"stored 3", "already_exists: idempotency_key: it was used for another person, at sequence 2: person.name differs")
	if !strings.Contains(got[2], "<person.name.blank>") {
		t.Errorf("got %q, want the rule that is broken", got[2])
	}
	f.expectStored(3)
}

func TestBatchesHaveASize(t *testing.T) {
	f := newFixture(t)
	for _, n := range []int{0, 1001} {
		if _, err := f.submitAll(some(1, n), false); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%d submissions: got %v", n, err)
		}
	}
	f.expectStored(0)
	if got, err := f.submitAll(some(1, 1000), false); err != nil || got[999] != "stored 1000" {
		t.Errorf("got %v, %v", got[999:], err)
	}
}

func TestAllOrNothing(t *testing.T) {
	f := newFixture(t)
	bad := numbered(9)
	bad.Person.Email = "nobody"
	tests := []struct {
		name string
		all  []*contactv1.SubmitPersonRequest
		want []string
		code connect.Code
		says string
	}{
		{name: "one is invalid", all: append(some(1, 3), bad), code: connect.CodeInvalidArgument, says: "submissions[3]: validation error: person.email"},
		{name: "a key twice", all: append(some(1, 3), numbered(2)), code: connect.CodeInvalidArgument, says: "submissions[3].idempotency_key: submissions[1] has the same"},
		{name: "all are new", all: some(1, 3), want: []string{"stored 1", "stored 2", "stored 3"}},
		{name: "again", all: some(1, 3), want: []string{"duplicate 1", "duplicate 2", "duplicate 3"}},
		{name: "some are new", all: some(2, 5), code: connect.CodeFailedPrecondition, says: "submissions[1].idempotency_key: it has stored its person before, and that of submissions[2] has not"},
		{name: "the second is new", all: some(3, 4), code: connect.CodeFailedPrecondition, says: "submissions[0].idempotency_key: it has stored its person before, and that of submissions[1] has not"},
		{name: "without keys", all: []*contactv1.SubmitPersonRequest{{Person: ada()}, {Person: ada()}}, want: []string{"stored 4", "stored 5"}},
		{name: "one alone", all: some(7, 7), want: []string{"stored 6"}},
		{name: "the most", all: some(1001, 2000)[:1000], want: nil},
	}
	for _, test := range tests {
		got, err := f.submitAll(test.all, true)
		switch {
		case test.code != 0:
			if connect.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: got %v, want %v: …%s", test.name, err, test.code, test.says)
			}
		case err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want != nil:
			expectSaid(t, got, test.want...)
		}
	}
	f.expectStored(1006)
}

func TestAllOrNothingUnderAKeyOfAnotherPerson(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(ada(), "key-1")
	_, err := f.submitAll(some(1, 1), true)
	if connect.CodeOf(err) != connect.CodeAlreadyExists || !strings.Contains(err.Error(), "submissions[0]: idempotency_key: it was used for another person, at sequence 1: person.name differs") {
		t.Errorf("got %v", err)
	}
	f.expectStored(1)
}

func TestAllOrNothingNeedsAStreamThatTakesBatches(t *testing.T) {
	f := newFixtureWithoutStream(t)
	_, err := f.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: streamtest.Name, Subjects: []string{streamtest.Subject}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.submitAll(some(1, 2), true)
	if connect.CodeOf(err) != connect.CodeFailedPrecondition || !strings.Contains(err.Error(), "--allow-batch") {
		t.Errorf("got %v", err)
	}
	f.expectStored(0)
}

func TestAllOrNothingIntoAFullStream(t *testing.T) {
	f := newFixture(t, func(c *stream.Config) { c.MaxBytes = 600 })
	_, err := f.submitAll(some(1, 20), true)
	if connect.CodeOf(err) != connect.CodeResourceExhausted || detailsOf(t, err).reason != "STREAM_FULL" {
		t.Errorf("got %v", err)
	}
	f.expectStored(0)
}

func TestManyWhileNATSIsAway(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(ada(), "")
	f.nats.Stop()
	f.awaitAway()
	got, err := f.submitAll(some(1, 2), false)
	if err != nil {
		t.Fatal(err)
	}
	expectSaid(t, got, "unavailable: NATS is away", "unavailable: NATS is away")
	if _, err := f.submitAll(some(1, 2), true); connect.CodeOf(err) != connect.CodeUnavailable || detailsOf(t, err).reason != "NATS_AWAY" {
		t.Errorf("all or nothing: got %v", err)
	}
}
