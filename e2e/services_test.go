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

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream/streamtest"
)

// services are the roles apart, beside a NATS server.
type services struct {
	nats        *natsServer
	js          jetstream.JetStream
	gateway     *server
	subscribers [2]*server
}

func startServices(t *testing.T, gatewayFlags ...string) *services {
	t.Helper()

	s := &services{nats: startNATS(t)}
	s.js = connectNATS(t, s.nats.url())
	s.gateway = startRollcall(t, "gateway", append([]string{"--nats", s.nats.url(), "--create-stream"}, gatewayFlags...)...)
	s.gateway.awaitReady(t, http.StatusOK)

	for i := range s.subscribers {
		s.subscribers[i] = startRollcall(t, "subscriber", "--nats", s.nats.url())
		s.subscribers[i].awaitReady(t, http.StatusOK)
	}

	return s
}

func TestStreamMustExist(t *testing.T) {
	url := startNATS(t).url()

	for _, role := range []string{"gateway", "subscriber"} {
		var stderr bytes.Buffer

		command := exec.Command(rollcall, role, "--listen", "127.0.0.1:0", "--nats", url)
		command.Stderr = &stderr

		timer := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
		_ = command.Run() // its status is looked at below

		timer.Stop()

		said := stderr.String()
		if command.ProcessState.ExitCode() != 1 || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit status %d and %q, not 1 and one line", role, command.ProcessState.ExitCode(), said)
		}

		for _, way := range []string{"--create-stream", "nats stream add stream --subjects contact-person"} {
			if !strings.Contains(said, way) {
				t.Errorf("%s: no %q in %q", role, way, said)
			}
		}
	}

	for _, role := range []string{"subscriber", "gateway"} {
		startRollcall(t, role, "--nats", url, "--create-stream").awaitReady(t, http.StatusOK)
	}
}

func TestNATSAway(t *testing.T) {
	s := startServices(t)
	w := startWatch(t, s.subscribers[0].conn, fromAll())
	before := mustSubmit(t, s.gateway.conn, submission(complete("before"), ""))
	w.event(t, before.GetSequence())

	s.nats.stop(t)
	s.gateway.awaitReady(t, http.StatusServiceUnavailable)
	w.until(t, "word that the source is away", func(l *ledger) bool {
		return l.sources[len(l.sources)-1] == contactv1.Source_SOURCE_DISCONNECTED
	})
	s.subscribers[0].awaitReady(t, http.StatusOK)
	requireRefusedAtOnce(t, s.gateway)
	requireRetryAfter(t, s.gateway)

	// One that begins while NATS is away begins all the same.
	meanwhile := startWatch(t, s.subscribers[1].conn, after(position(before)))

	s.nats.start(t)
	s.gateway.awaitReady(t, http.StatusOK)

	next := mustSubmit(t, s.gateway.conn, submission(complete("next"), ""))
	if next.GetSequence() != before.GetSequence()+1 || next.GetEpoch() != before.GetEpoch() {
		t.Errorf("stored at %v after %v: something that was refused is stored", next, before)
	}

	for _, w := range []*watch{w, meanwhile} {
		requireSame(t, w.event(t, next.GetSequence()).GetPerson(), complete("next"))
		w.until(t, "word that the source is back", func(l *ledger) bool {
			return len(l.gaps) == 0 && l.sources[len(l.sources)-1] == contactv1.Source_SOURCE_CONNECTED
		})
	}

	if got := stored(t, s.js); got != 2 {
		t.Errorf("%d are stored, not 2", got)
	}
}

// requireRefusedAtOnce does not use up the gateway's deadline.
func requireRefusedAtOnce(t *testing.T, gateway *server) {
	t.Helper()

	for n := range 20 {
		began := time.Now()
		_, err := submit(t.Context(), gateway.conn, submission(complete(fmt.Sprint("refused-", n)), fmt.Sprint("refused-", n)))

		requireRefused(t, err, codes.Unavailable, "NATS_AWAY")
		requireRetryHint(t, err)

		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("refused after %v", took)
		}
	}
}

// requireRetryAfter asks as a web page would, by the RPC and the plain routes.
func requireRetryAfter(t *testing.T, gateway *server) {
	t.Helper()

	message := capnpEncode(t, examples()[0].text)

	for path, request := range map[string]struct{ contentType, body string }{
		submitMethod:    {"application/json", `{"person":{"name":"Ada","email":"refused@example.org"}}`},
		"/persons":      {"application/x-capnp", string(message)},
		"/datas/number": {"application/json", `{"dude":` + string(jsonArray(message)) + `}`},
	} {
		response, err := http.Post(gateway.url+path, request.contentType, strings.NewReader(request.body))
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
	s := startServices(t)
	w := startWatch(t, s.subscribers[0].conn, fromAll())

	var last *contactv1.SubmitPersonResponse
	for n := range 3 {
		last = mustSubmit(t, s.gateway.conn, submission(complete(fmt.Sprint("old-", n)), ""))
	}

	w.event(t, last.GetSequence())
	makeAnew(t, s.js)

	first := mustSubmit(t, s.gateway.conn, submission(complete("new"), ""))
	if first.GetSequence() != 1 || first.GetEpoch() == last.GetEpoch() {
		t.Fatalf("stored at %v in the new stream, after %v in the old one", first, last)
	}

	requireEpochChange(t, w, last, first)
	// And one that was not connected meanwhile, elsewhere.
	requireEpochChange(t, startWatch(t, s.subscribers[1].conn, after(position(last))), last, first)
}

func makeAnew(t *testing.T, js jetstream.JetStream) {
	t.Helper()

	stream, err := js.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}

	if err := js.DeleteStream(t.Context(), streamName); err != nil {
		t.Fatal(err)
	}

	// For a moment after the deletion the server may still hold the files.
	streamtest.Eventually(t, "the stream is made anew", func() bool {
		_, err := js.CreateStream(t.Context(), stream.CachedInfo().Config)
		return err == nil
	})
}

func requireEpochChange(t *testing.T, w *watch, last, first *contactv1.SubmitPersonResponse) {
	t.Helper()

	w.until(t, "first person of the new stream", func(l *ledger) bool {
		return l.position.GetEpoch() == first.GetEpoch() && l.position.GetSequence() == 1
	})

	w.mu.Lock()
	defer w.mu.Unlock()

	if len(w.ledger.gaps) != 1 {
		t.Fatalf("gaps: %v", w.ledger.gaps)
	}

	requireSame(t, w.ledger.gaps[0], &contactv1.Gap{First: last.GetSequence() + 1, Reason: contactv1.GapReason_GAP_REASON_EPOCH_CHANGED})
	requireSame(t, w.ledger.events[len(w.ledger.events)-1].GetPerson(), complete("new"))
}

func TestResumeElsewhere(t *testing.T) {
	s := startServices(t)
	whole := new(ledger)

	var last uint64

	for turn := range 4 {
		for n := range 5 {
			last = mustSubmit(t, s.gateway.conn, submission(complete(fmt.Sprintf("person-%d-%d", turn, n)), "")).GetSequence()
		}

		request := fromAll()
		if turn > 0 {
			request = after(whole.position)
		}

		resumeOn(t, s.subscribers[turn%2], request, whole, last)
	}

	if len(whole.events) != 20 || len(whole.gaps) != 0 {
		t.Errorf("%d events and %d gaps", len(whole.events), len(whole.gaps))
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := startServices(t)
	first := mustSubmit(t, s.gateway.conn, submission(complete("ada"), "key"))

	again := mustSubmit(t, s.gateway.conn, submission(complete("ada"), "key"))
	if first.GetDuplicate() || !again.GetDuplicate() || again.GetSequence() != first.GetSequence() || again.GetEpoch() != first.GetEpoch() {
		t.Errorf("first %v, again %v", first, again)
	}

	other := complete("ada")
	other.Phones[1].Number = "112"

	_, err := submit(t.Context(), s.gateway.conn, submission(other, "key"))
	if status.Code(err) != codes.AlreadyExists || !strings.Contains(err.Error(), "phones[1].number") {
		t.Errorf("another person with the same key: %v", err)
	}

	if got := stored(t, s.js); got != 1 {
		t.Errorf("%d are stored, not 1", got)
	}
}

func TestStreamFull(t *testing.T) {
	s := startServices(t, "--max-bytes", "4096", "--discard", "new")
	err := fill(t, s.gateway)
	requireRefused(t, err, codes.ResourceExhausted, "STREAM_FULL")

	if _, hint := detail[*errdetails.RetryInfo](err); hint {
		t.Error("a full stream is not to be tried again soon")
	}

	full := stored(t, s.js)

	_, err = submit(t.Context(), s.gateway.conn, submission(complete("refused"), "refused"))
	requireRefused(t, err, codes.ResourceExhausted, "STREAM_FULL")

	if got := stored(t, s.js); got != full {
		t.Errorf("%d are stored, not %d", got, full)
	}

	// A key that was refused is not used up.
	makeRoom(t, s.js)

	again := mustSubmit(t, s.gateway.conn, submission(complete("refused"), "refused"))
	if again.GetDuplicate() || again.GetSequence() != full+1 {
		t.Errorf("after %d: %v", full, again)
	}

	w := startWatch(t, s.subscribers[0].conn, fromAll())
	requireSame(t, w.event(t, again.GetSequence()).GetPerson(), complete("refused"))
}

// fill submits until it is refused.
func fill(t *testing.T, gateway *server) error {
	t.Helper()

	for n := range 100 {
		if _, err := submit(t.Context(), gateway.conn, submission(complete(fmt.Sprint("person-", n)), "")); err != nil {
			return err
		}
	}

	t.Fatal("the stream is never full")

	return nil
}

func makeRoom(t *testing.T, js jetstream.JetStream) {
	t.Helper()

	stream, err := js.Stream(t.Context(), streamName)
	if err == nil {
		err = stream.Purge(t.Context())
	}

	if err != nil {
		t.Fatal(err)
	}
}

func TestDeletedIsAGap(t *testing.T) {
	s := startServices(t)

	var last *contactv1.SubmitPersonResponse
	for n := range 5 {
		last = mustSubmit(t, s.gateway.conn, submission(complete(fmt.Sprint("person-", n)), ""))
	}

	stream, err := s.js.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}

	for _, sequence := range []uint64{1, 3} {
		if err := stream.DeleteMsg(t.Context(), sequence); err != nil {
			t.Fatal(err)
		}
	}

	// One that has it in memory may still show it; this one never had it.
	fresh := startRollcall(t, "subscriber", "--nats", s.nats.url())
	fresh.awaitReady(t, http.StatusOK)

	w := startWatch(t, fresh.conn, after(&contactv1.Position{Epoch: last.GetEpoch()}))
	w.event(t, last.GetSequence())

	w.mu.Lock()
	defer w.mu.Unlock()

	if !slices.EqualFunc(w.ledger.gaps, []*contactv1.Gap{
		{First: 1, Last: 1, Reason: contactv1.GapReason_GAP_REASON_NOT_RETAINED},
		{First: 3, Last: 3, Reason: contactv1.GapReason_GAP_REASON_DELETED},
	}, func(a, b *contactv1.Gap) bool { return toJSON(a) == toJSON(b) }) {
		t.Errorf("gaps: %v", w.ledger.gaps)
	}
}
