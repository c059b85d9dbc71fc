package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// http2 serves the gateway a second time, over HTTP/2 alone.
func (f *fixture) http2() contactv1connect.SubmitServiceClient {
	f.t.Helper()
	mux := server.NewMux(server.Config{})
	f.gateway.Mount(mux)
	listener := httptest.NewUnstartedServer(mux)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	listener.Config.Protocols = protocols
	listener.Start()
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	f.t.Cleanup(func() {
		client.CloseIdleConnections()
		listener.Close()
	})
	return contactv1connect.NewSubmitServiceClient(connect.NewClient(connecthttp.NewTransport(client, listener.URL)))
}

// sender is an import under way.
type sender struct {
	t      *testing.T
	stream contactv1connect.SubmitServiceImportPersonsClientStream
}

func (f *fixture) startImport() *sender {
	f.t.Helper()
	return f.startImportWith(context.Background())
}

func (f *fixture) startImportWith(ctx context.Context) *sender {
	f.t.Helper()
	s, err := f.http2().ImportPersons(ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = s.Close() })
	return &sender{f.t, s}
}

func (s *sender) send(all ...*contactv1.SubmitPersonRequest) {
	s.t.Helper()
	if err := s.stream.Send(&contactv1.ImportPersonsRequest{Submissions: all}); err != nil {
		s.t.Fatal(err)
	}
}

// sendResume is the first message of an import that goes on.
func (s *sender) sendResume(epoch string, after uint64, submissions uint32, all ...*contactv1.SubmitPersonRequest) {
	s.t.Helper()
	err := s.stream.Send(&contactv1.ImportPersonsRequest{
		Resume:      &contactv1.Resume{After: &contactv1.Position{Epoch: epoch, Sequence: after}, Submissions: submissions},
		Submissions: all,
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// receive returns the next n results, or those before the error.
func (s *sender) receive(n int) (all []string, err error) {
	s.t.Helper()
	for len(all) < n {
		response, err := s.stream.Receive()
		if err != nil {
			return all, err
		}
		all = append(all, said(response.GetResults())...)
	}
	return all, nil
}

// end closes the sending side and returns all results to come.
func (s *sender) end() ([]string, error) {
	s.t.Helper()
	if err := s.stream.CloseSend(); err != nil {
		s.t.Fatal(err)
	}
	all, err := s.receive(1 << 30)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return all, err
}

func TestImportAnswersInOrder(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(numbered(3).GetPerson(), "key-3")
	s := f.startImport()
	nameless := numbered(2)
	nameless.Person.Name = ""
	s.send(numbered(1), nameless)
	s.send()
	s.send(some(3, 4)...)
	got, err := s.receive(4)
	if err != nil {
		t.Fatal(err)
	}
	expectSaid(t, got, "stored 2", "invalid_argument: validation error: person.name", "duplicate 1", "stored 3")
	s.send(numbered(5))
	got, err = s.end()
	if err != nil {
		t.Fatal(err)
	}
	expectSaid(t, got, "stored 4")
}

// TestImportOfMany sends more than all windows hold.
func TestImportOfMany(t *testing.T) {
	f := newFixture(t)
	s := f.startImport()
	const many = 20_000
	go func() {
		for n := 1; n <= many; n += 100 {
			_ = s.stream.Send(&contactv1.ImportPersonsRequest{Submissions: some(n, n+99)})
		}
		_ = s.stream.CloseSend()
	}()
	got, err := s.receive(many)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range got {
		if want := fmt.Sprintf("stored %d", i+1); text != want {
			t.Fatalf("result %d: got %s, want %s", i, text, want)
		}
	}
	f.expectStored(many)
}

func TestImportEndsWithTheFirstToBeSentAgain(t *testing.T) {
	f := newFixture(t)
	s := f.startImport()
	s.send(numbered(1))
	if got, err := s.receive(1); err != nil || got[0] != "stored 1" {
		t.Fatalf("got %v, %v", got, err)
	}
	f.nats.Stop()
	f.awaitAway()
	s.send(some(2, 4)...)
	got, err := s.receive(4)
	if connect.CodeOf(err) != connect.CodeUnavailable || detailsOf(t, err).reason != "NATS_AWAY" {
		t.Errorf("got %v", err)
	}
	expectSaid(t, got, "unavailable: NATS is away")
}

func TestStopEndsAnImport(t *testing.T) {
	f := newFixture(t)
	s := f.startImport()
	s.send(some(1, 3)...)
	got, err := s.receive(3)
	if err != nil {
		t.Fatal(err)
	}
	f.gateway.Stop(context.Background())
	more, err := s.receive(1)
	if connect.CodeOf(err) != connect.CodeUnavailable || detailsOf(t, err).reason != "STOPPING" {
		t.Errorf("got %v", err)
	}
	expectSaid(t, append(got, more...), "stored 1", "stored 2", "stored 3")
}

// remembers asks JetStream for a key by publishing what it would refuse.
func (f *fixture) remembers(key string) bool {
	_, err := f.js.PublishMsg(context.Background(), &nats.Msg{Subject: streamtest.Subject},
		jetstream.WithMsgID(key), jetstream.WithExpectLastMsgID("another"))
	return err == nil
}

func TestImportGoesOnWhereAnotherEnded(t *testing.T) {
	for _, test := range []struct {
		name        string
		after       uint64
		submissions uint32
		want        []string
	}{
		{"all that may be there are looked for", 0, 5, []string{"duplicate 1", "duplicate 2", "duplicate 3", "stored 4", "stored 5", "stored 6"}},
		{"some are there", 1, 5, []string{"stored 4", "duplicate 2", "duplicate 3", "stored 5", "stored 6", "stored 7"}},
		{"none is there", 3, 5, []string{"stored 4", "stored 5", "stored 6", "stored 7", "stored 8", "stored 9"}},
		{"more than are sent", 0, 100, []string{"duplicate 1", "duplicate 2", "duplicate 3", "stored 4", "stored 5", "stored 6"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			// JetStream forgets keys at once, as it were after a long time.
			f := newFixture(t, func(c *stream.Config) { c.DuplicateWindow = 100 * time.Millisecond })
			if _, err := f.submitAll(some(1, 3), false); err != nil {
				t.Fatal(err)
			}
			streamtest.Eventually(t, "the keys are forgotten", func() bool { return !f.remembers("key-3") })
			s := f.startImport()
			s.sendResume(stream.Epoch(f.info()), test.after, test.submissions, some(1, 2)...)
			s.send(some(3, 6)...)
			got, err := s.end()
			if err != nil {
				t.Fatal(err)
			}
			expectSaid(t, got, test.want...)
		})
	}
}

func TestImportThatCannotGoOnStoresNothing(t *testing.T) {
	f := newFixture(t)
	if _, err := f.submitAll(some(1, 9), false); err != nil {
		t.Fatal(err)
	}
	s, err := f.js.Stream(t.Context(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMsg(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMsg(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	epoch := stream.Epoch(f.info())
	for _, test := range []struct {
		name  string
		epoch string
		after uint64
		first *contactv1.SubmitPersonRequest
		code  connect.Code
		says  string
	}{
		{"another stream", "1", 3, numbered(4), connect.CodeFailedPrecondition, "the stream is another one"},
		{"from before the first", epoch, 0, numbered(4), connect.CodeFailedPrecondition, "keeps nothing before sequence 2"},
		{"over what was deleted", epoch, 4, numbered(4), connect.CodeFailedPrecondition, "has lost sequence 6"},
		{"from the future", epoch, 10, numbered(4), connect.CodeFailedPrecondition, "ends at sequence 9"},
		{"no key", epoch, 7, &contactv1.SubmitPersonRequest{Person: ada()}, connect.CodeInvalidArgument, "submission 0 has no idempotency key"},
		{"no position", "", 7, numbered(4), connect.CodeInvalidArgument, "resume.after.epoch"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := f.in(t).startImport()
			s.sendResume(test.epoch, test.after, 1, test.first)
			got, err := s.end()
			if len(got) > 0 || connect.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, %v, want %v: …%s", got, err, test.code, test.says)
			}
			if test.code == connect.CodeFailedPrecondition && detailsOf(t, err).reason != "RESUME_IMPOSSIBLE" {
				t.Errorf("got %v", detailsOf(t, err))
			}
			f.expectStored(7)
		})
	}
}

func TestSecondResumeIsRefusedBeforeTheSearch(t *testing.T) {
	f := newFixture(t)
	s := f.startImport()
	epoch := stream.Epoch(f.info())
	s.sendResume(epoch, 0, 2, numbered(1))
	s.sendResume(epoch, 0, 2, numbered(2))
	if got, err := s.end(); connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), "first message") || len(got) != 0 {
		t.Errorf("got %q, %v", got, err)
	}
	f.expectStored(0)
}

func TestResumeBelongsIntoTheFirstMessage(t *testing.T) {
	f := newFixture(t)
	s := f.startImport()
	s.send(numbered(1))
	if _, err := s.receive(1); err != nil {
		t.Fatal(err)
	}
	s.sendResume(stream.Epoch(f.info()), 0, 1, numbered(2))
	if _, err := s.end(); connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), "first message") {
		t.Errorf("got %v", err)
	}
	f.expectStored(1)
}
