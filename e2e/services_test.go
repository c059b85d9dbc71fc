package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"rollcall/e2e/clients"
	"rollcall/e2e/ledger"
	"rollcall/e2e/persons"
	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream/streamtest"
)

func TestStreamMustExistToSubmit(t *testing.T) {
	url := servers.StartNATS(t).URL()

	var stderr bytes.Buffer

	command := exec.Command(programs.Rollcall(), "gateway", "--listen", "127.0.0.1:0", "--nats", url)
	command.Stderr = &stderr

	timer := time.AfterFunc(wait.Patience, func() { _ = command.Process.Kill() })
	_ = command.Run() // its status is looked at below

	timer.Stop()

	said := stderr.String()
	if command.ProcessState.ExitCode() != 1 || strings.Count(said, "\n") != 1 {
		t.Errorf("exit status %d and %q, not 1 and one line", command.ProcessState.ExitCode(), said)
	}

	for _, way := range []string{"--create-stream", "nats stream add stream --subjects contact-person"} {
		if !strings.Contains(said, way) {
			t.Errorf("no %q in %q", way, said)
		}
	}

	for _, role := range []string{"subscriber", "gateway"} {
		servers.StartRollcall(t, role, "--nats", url, "--create-stream").AwaitReady(t, http.StatusOK)
	}
}

// TestSubscriberWaitsForTheStream starts a subscriber, and a watch, before there is a
// stream, and has it read one of other subjects and a mirror.
func TestSubscriberWaitsForTheStream(t *testing.T) {
	nats := servers.StartNATS(t)
	subscriber := servers.StartRollcall(t, "subscriber", "--nats", nats.URL(), "--subject", "persons.of.another")
	subscriber.AwaitNotReady(t, `there is no stream "stream"`)
	subscriber.Line(t, func(line string) bool { return strings.Contains(line, "there is no stream") })

	w := traffic.StartWatch(t, subscriber.Conn, clients.FromAll())
	w.Until(t, "why it waits", func(l *ledger.Ledger) bool {
		return len(l.Reasons) > 0 && l.Reasons[len(l.Reasons)-1] == `there is no stream "stream"`
	})

	gateway := servers.StartRollcall(t, "gateway", "--nats", nats.URL(), "--create-stream")
	gateway.AwaitReady(t, http.StatusOK)
	stored := clients.MustSubmit(t, gateway.Conn, clients.Submission(persons.Complete("awaited"), ""))
	requireSame(t, w.Event(t, stored.GetSequence()).GetPerson(), persons.Complete("awaited"))
	subscriber.AwaitReady(t, http.StatusOK)

	js := servers.ConnectNATS(t, nats.URL())
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "copy", Mirror: &jetstream.StreamSource{Name: servers.StreamName},
		Metadata: map[string]string{"rollcall-epoch": stored.GetEpoch()},
	}); err != nil {
		t.Fatal(err)
	}

	mirror := servers.StartRollcall(t, "subscriber", "--nats", nats.URL(), "--stream", "copy")
	next := clients.MustSubmit(t, gateway.Conn, clients.Submission(persons.Complete("mirrored"), ""))
	there := traffic.StartWatch(t, mirror.Conn, clients.After(clients.Position(stored)))
	requireSame(t, there.Event(t, next.GetSequence()).GetPerson(), persons.Complete("mirrored"))
}

func TestNATSAway(t *testing.T) {
	f := newFixture(t)
	w := traffic.StartWatch(t, f.subscribers[0].Conn, clients.FromAll())
	before := clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete("before"), ""))
	w.Event(t, before.GetSequence())

	f.nats.Stop(t)
	f.gateway.AwaitReady(t, http.StatusServiceUnavailable)
	w.Until(t, "word that the source is away", func(l *ledger.Ledger) bool {
		return l.Sources[len(l.Sources)-1] == contactv1.Source_SOURCE_DISCONNECTED
	})
	f.subscribers[0].AwaitReady(t, http.StatusOK)
	requireRefusedAtOnce(t, f.gateway, "NATS_AWAY")
	requireRetryAfter(t, f.gateway)

	// One that begins while NATS is away begins all the same.
	meanwhile := traffic.StartWatch(t, f.subscribers[1].Conn, clients.After(clients.Position(before)))

	f.nats.Start(t)
	f.gateway.AwaitReady(t, http.StatusOK)

	next := clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete("next"), ""))
	if next.GetSequence() != before.GetSequence()+1 || next.GetEpoch() != before.GetEpoch() {
		t.Errorf("stored at %v after %v: something that was refused is stored", next, before)
	}

	for _, w := range []*traffic.Watch{w, meanwhile} {
		requireSame(t, w.Event(t, next.GetSequence()).GetPerson(), persons.Complete("next"))
		w.Until(t, "word that the source is back", func(l *ledger.Ledger) bool {
			return len(l.Gaps) == 0 && l.Sources[len(l.Sources)-1] == contactv1.Source_SOURCE_CONNECTED
		})
	}

	if got := servers.Stored(t, f.js); got != 2 {
		t.Errorf("%d are stored, not 2", got)
	}
}

// requireRefusedAtOnce does not use up the gateway's deadline.
func requireRefusedAtOnce(t *testing.T, gateway *servers.Server, reason string) {
	t.Helper()

	for n := range 20 {
		began := time.Now()
		_, err := clients.Submit(t.Context(), gateway.Conn, clients.Submission(persons.Complete(fmt.Sprint("refused-", n)), fmt.Sprint("refused-", n)))

		requireRefused(t, err, codes.Unavailable, reason)
		requireRetryHint(t, err)

		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("refused after %v", took)
		}
	}
}

// requireRetryAfter asks as a web page would, by the RPC and the plain routes.
func requireRetryAfter(t *testing.T, gateway *servers.Server) {
	t.Helper()

	message := programs.CapnpEncode(t, examples()[0].text)

	for path, request := range map[string]struct{ contentType, body string }{
		clients.SubmitMethod: {"application/json", `{"person":{"name":"Ada","email":"refused@example.org"}}`},
		"/persons":           {"application/x-capnp", string(message)},
		"/datas/number":      {"application/json", `{"dude":` + string(jsonArray(message)) + `}`},
	} {
		response, err := http.Post(gateway.URL+path, request.contentType, strings.NewReader(request.body))
		if err != nil {
			t.Fatal(err)
		}

		response.Body.Close()

		if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %s, Retry-After %q", path, response.Status, response.Header.Get("Retry-After"))
		}
	}
}

func TestStreamMadeAnew(t *testing.T) {
	f := newFixture(t)
	w := traffic.StartWatch(t, f.subscribers[0].Conn, clients.FromAll())

	var last *contactv1.SubmitPersonResponse
	for n := range 3 {
		last = clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete(fmt.Sprint("old-", n)), ""))
	}

	w.Event(t, last.GetSequence())
	makeAnew(t, f.js)

	first := clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete("new"), ""))
	if first.GetSequence() != 1 || first.GetEpoch() == last.GetEpoch() {
		t.Fatalf("stored at %v in the new stream, after %v in the old one", first, last)
	}

	requireEpochChange(t, w, last, first)
	// And one that was not connected meanwhile, elsewhere.
	requireEpochChange(t, traffic.StartWatch(t, f.subscribers[1].Conn, clients.After(clients.Position(last))), last, first)
}

func makeAnew(t *testing.T, js jetstream.JetStream) {
	t.Helper()

	stream, err := js.Stream(t.Context(), servers.StreamName)
	if err != nil {
		t.Fatal(err)
	}

	if err := js.DeleteStream(t.Context(), servers.StreamName); err != nil {
		t.Fatal(err)
	}

	// For a moment after the deletion the server may still hold the files.
	streamtest.Eventually(t, "the stream is made anew", func() bool {
		_, err := js.CreateStream(t.Context(), stream.CachedInfo().Config)
		return err == nil
	})
}

func requireEpochChange(t *testing.T, w *traffic.Watch, last, first *contactv1.SubmitPersonResponse) {
	t.Helper()

	w.Until(t, "first person of the new stream", func(l *ledger.Ledger) bool {
		return l.Position.GetEpoch() == first.GetEpoch() && l.Position.GetSequence() == 1
	})

	seen := w.Seen()
	if len(seen.Gaps) != 1 {
		t.Fatalf("gaps: %v", seen.Gaps)
	}

	requireSame(t, seen.Gaps[0], &contactv1.Gap{First: last.GetSequence() + 1, Reason: contactv1.GapReason_GAP_REASON_EPOCH_CHANGED})
	requireSame(t, seen.Events[len(seen.Events)-1].GetPerson(), persons.Complete("new"))
}

func TestResumeElsewhere(t *testing.T) {
	f := newFixture(t)
	whole := new(ledger.Ledger)

	var last uint64

	for turn := range 4 {
		for n := range 5 {
			last = clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete(fmt.Sprintf("person-%d-%d", turn, n)), "")).GetSequence()
		}

		request := clients.FromAll()
		if turn > 0 {
			request = clients.After(whole.Position)
		}

		traffic.ResumeOn(t, f.subscribers[turn%2], request, whole, last)
	}

	if len(whole.Events) != 20 || len(whole.Gaps) != 0 {
		t.Errorf("%d events and %d gaps", len(whole.Events), len(whole.Gaps))
	}
}

func TestIdempotencyKey(t *testing.T) {
	f := newFixture(t)
	first := clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete("ada"), "key"))

	again := clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete("ada"), "key"))
	if first.GetDuplicate() || !again.GetDuplicate() || again.GetSequence() != first.GetSequence() || again.GetEpoch() != first.GetEpoch() {
		t.Errorf("first %v, again %v", first, again)
	}

	other := persons.Complete("ada")
	other.Phones[1].Number = "112"

	_, err := clients.Submit(t.Context(), f.gateway.Conn, clients.Submission(other, "key"))
	if status.Code(err) != codes.AlreadyExists || !strings.Contains(err.Error(), "phones[1].number") {
		t.Errorf("another person with the same key: %v", err)
	}

	if got := servers.Stored(t, f.js); got != 1 {
		t.Errorf("%d are stored, not 1", got)
	}
}

func TestStreamFull(t *testing.T) {
	f := newFixture(t, "--max-bytes", "4096", "--discard", "new")
	err := fill(t, f.gateway)
	requireRefused(t, err, codes.ResourceExhausted, "STREAM_FULL")

	if _, hint := clients.Detail[*errdetails.RetryInfo](err); hint {
		t.Error("a full stream is not to be tried again soon")
	}

	full := servers.Stored(t, f.js)

	_, err = clients.Submit(t.Context(), f.gateway.Conn, clients.Submission(persons.Complete("refused"), "refused"))
	requireRefused(t, err, codes.ResourceExhausted, "STREAM_FULL")

	if got := servers.Stored(t, f.js); got != full {
		t.Errorf("%d are stored, not %d", got, full)
	}

	// A key that was refused is not used up.
	makeRoom(t, f.js)

	again := clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete("refused"), "refused"))
	if again.GetDuplicate() || again.GetSequence() != full+1 {
		t.Errorf("after %d: %v", full, again)
	}

	w := traffic.StartWatch(t, f.subscribers[0].Conn, clients.FromAll())
	requireSame(t, w.Event(t, again.GetSequence()).GetPerson(), persons.Complete("refused"))
}

// fill submits until it is refused.
func fill(t *testing.T, gateway *servers.Server) error {
	t.Helper()

	for n := range 100 {
		if _, err := clients.Submit(t.Context(), gateway.Conn, clients.Submission(persons.Complete(fmt.Sprint("person-", n)), "")); err != nil {
			return err
		}
	}

	t.Fatal("the stream is never full")

	return nil
}

func makeRoom(t *testing.T, js jetstream.JetStream) {
	t.Helper()

	stream, err := js.Stream(t.Context(), servers.StreamName)
	if err == nil {
		err = stream.Purge(t.Context())
	}

	if err != nil {
		t.Fatal(err)
	}
}

func TestDeletedIsAGap(t *testing.T) {
	f := newFixture(t)

	var last *contactv1.SubmitPersonResponse
	for n := range 5 {
		last = clients.MustSubmit(t, f.gateway.Conn, clients.Submission(persons.Complete(fmt.Sprint("person-", n)), ""))
	}

	stream, err := f.js.Stream(t.Context(), servers.StreamName)
	if err != nil {
		t.Fatal(err)
	}

	for _, sequence := range []uint64{1, 3} {
		if err := stream.DeleteMsg(t.Context(), sequence); err != nil {
			t.Fatal(err)
		}
	}

	// One that has it in memory may still show it; this one never had it.
	fresh := servers.StartRollcall(t, "subscriber", "--nats", f.nats.URL())
	fresh.AwaitReady(t, http.StatusOK)

	w := traffic.StartWatch(t, fresh.Conn, clients.After(&contactv1.Position{Epoch: last.GetEpoch()}))
	w.Event(t, last.GetSequence())

	if gaps := w.Seen().Gaps; !slices.EqualFunc(gaps, []*contactv1.Gap{
		{First: 1, Last: 1, Reason: contactv1.GapReason_GAP_REASON_NOT_RETAINED},
		{First: 3, Last: 3, Reason: contactv1.GapReason_GAP_REASON_DELETED},
	}, func(a, b *contactv1.Gap) bool { return clients.ToJSON(a) == clients.ToJSON(b) }) {
		t.Errorf("gaps: %v", gaps)
	}
}
