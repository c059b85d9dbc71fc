package subscriber_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/subscriber"
	"rollcall/subscriber/watchtest"
)

// both tests event streams and lines.
func both(t *testing.T, test func(t *testing.T, sse bool)) {
	t.Helper()
	t.Run("SSE", func(t *testing.T) { test(t, true) })
	t.Run("NDJSON", func(t *testing.T) { test(t, false) })
}

// eventStream is a watch by GET /events.
type eventStream struct{ *watchtest.EventStream }

// events watches by GET /events, to the test's end.
func (r *replica) events(t *testing.T, sse bool, request *contactv1.WatchPersonsRequest) eventStream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	transport := &http.Transport{}
	s, err := watchtest.OpenEvents(ctx, &http.Client{Transport: transport}, r.url, sse, request)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = s.Close()
		transport.CloseIdleConnections()
	})
	return eventStream{s}
}

// expect reads what comes and compares.
func (s eventStream) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, next := range want {
		response, err := s.Receive()
		if err != nil {
			t.Fatalf("want %s: %v", next, err)
		}
		for _, got := range watchtest.Items(response) {
			if got.String() != next {
				t.Fatalf("got %s, want %s", got, next)
			}
		}
	}
}

func TestEventsBeginWhereAsked(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	r := f.replica()
	second := watchtest.Items(mustReceive(t, r.events(t, false, last(2)), 2))[0].Event.GetPublishedAt()
	both(t, func(t *testing.T, sse bool) {
		for _, test := range []struct {
			name    string
			request *contactv1.WatchPersonsRequest
			want    []string
		}{
			{"all", all(), []string{"progress 0 of 3 SOURCE_CONNECTED", "event 1", "event 2", "event 3"}},
			{"last", last(1), []string{"progress 2 of 3 SOURCE_CONNECTED", "event 3"}},
			{"after", after(f.epoch(), 2), []string{"progress 2 of 3 SOURCE_CONNECTED", "event 3"}},
			{"since", &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(second.AsTime())}}, []string{"progress 1 of 3 SOURCE_CONNECTED", "event 2", "event 3"}},
			{"new", &contactv1.WatchPersonsRequest{}, []string{"progress 3 of 3 SOURCE_CONNECTED"}},
			{"with a filter", filtered(all(), `person.name == "person 2"`), []string{"progress 0 of 3 SOURCE_CONNECTED", "event 2"}},
		} {
			t.Run(test.name, func(t *testing.T) { r.events(t, sse, test.request).expect(t, test.want...) })
		}
	})
}

// mustReceive returns the nth response.
func mustReceive(t *testing.T, s eventStream, n int) (response *contactv1.WatchPersonsResponse) {
	t.Helper()
	for range n {
		var err error
		if response, err = s.Receive(); err != nil {
			t.Fatal(err)
		}
	}
	return response
}

// TestEventSourceComesBackToWhereItWas reads some, leaves, and comes back with the
// last id, as often as it takes.
func TestEventSourceComesBackToWhereItWas(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 20)...)
	r := f.replica()
	lastID := f.epoch() + ":0"
	for want := 1; want <= 20; want += 3 {
		get, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/events?last=1", http.NoBody) // where it began
		if err != nil {
			t.Fatal(err)
		}
		get.Header.Set("Accept", "text/event-stream")
		get.Header.Set("Last-Event-ID", lastID)
		s := r.eventSource(t, get, lastID)
		mustReceive(t, s, 1)
		for n := want; n < want+3 && n <= 20; n++ {
			s.expect(t, fmt.Sprintf("event %d", n))
		}
		lastID = s.LastID
		_ = s.Close()
	}
	if want := f.epoch() + ":20"; lastID != want {
		t.Errorf("got %s, want %s", lastID, want)
	}
}

func (r *replica) eventSource(t *testing.T, get *http.Request, lastID string) eventStream {
	t.Helper()
	transport := &http.Transport{}
	response, err := transport.RoundTrip(get)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("got %s", response.Status)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return eventStream{watchtest.NewEventSource(response.Body, lastID)}
}

// TestGapsAreEvents has what is gone, and a stream made anew, with the ids from
// which an EventSource would go on.
func TestGapsAreEvents(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	if err := f.stream().DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	old := f.epoch()
	r := f.replica()
	s := r.events(t, true, after(old, 1))
	s.expect(t, "progress 1 of 3 SOURCE_CONNECTED", "gap 2-2 GAP_REASON_DELETED")
	if want := old + ":2"; s.LastID != want {
		t.Errorf("after the gap the id is %s, want %s", s.LastID, want)
	}
	s.expect(t, "event 3")
	f.remake()
	for s.LastID != f.epoch()+":0" { // progress that the source is away may come between
		response, err := s.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if gaps := response.GetGaps(); len(gaps) > 0 && (gaps[0].GetReason() != contactv1.GapReason_GAP_REASON_EPOCH_CHANGED || s.LastID != old+":3") {
			t.Errorf("got %v with the id %s", gaps, s.LastID)
		}
	}
	f.publish(1)
	for {
		response, err := s.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if events := response.GetEvents(); len(events) > 0 {
			if want := f.epoch() + ":1"; events[0].GetSequence() != 1 || s.LastID != want {
				t.Errorf("got %v with the id %s, want 1 with %s", events, s.LastID, want)
			}
			return
		}
	}
}

// TestEventsAreTheSameFromMemoryAndFromJetStream compares the bytes.
func TestEventsAreTheSameFromMemoryAndFromJetStream(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 50)...)
	f.publishBytes([]byte("garbage"))
	ring := f.replica()
	stream := f.replica(func(c *subscriber.Config) { c.RingBytes = 1 })
	for _, accept := range []string{"text/event-stream", "application/x-ndjson"} {
		var bodies []string
		for _, r := range []*replica{ring, stream} {
			bodies = append(bodies, r.body(t, accept, 51))
		}
		if bodies[0] != bodies[1] {
			t.Errorf("%s: from memory %q, from JetStream %q", accept, bodies[0], bodies[1])
		}
	}
}

// body is all events, without what comes before the first.
func (r *replica) body(t *testing.T, accept string, events int) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/events?all", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	get.Header.Set("Accept", accept)
	response, err := new(http.Transport).RoundTrip(get)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Content-Type"); got != accept {
		t.Errorf("got %s, want %s", got, accept)
	}
	var body strings.Builder
	for buffer := make([]byte, 1<<10); strings.Count(body.String(), `"publishedAt"`) < events || !strings.HasSuffix(body.String(), "\n"); {
		n, err := response.Body.Read(buffer)
		body.Write(buffer[:n])
		if err != nil {
			t.Fatal(err)
		}
	}
	_, after, _ := strings.Cut(body.String(), "SOURCE_CONNECTED")
	return after
}

func TestEventsComeAsTheClientAcceptsThem(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	const sse, lines = "text/event-stream", "application/x-ndjson"
	for _, test := range []struct{ name, accept, want string }{
		{"nothing said", "", lines},
		{"anything", "*/*", lines},
		{"an EventSource", "text/event-stream", sse},
		{"in capitals", "Text/Event-Stream", sse},
		{"among others", "text/html, text/event-stream;q=0.9, */*;q=0.8", sse},
		{"not wanted", "text/event-stream;q=0", lines},
		{"not wanted, and the other is", "text/event-stream;q=0, application/x-ndjson", lines},
		{"wanted less", "text/event-stream;q=0.1, application/x-ndjson", lines},
		{"wanted more", "text/event-stream, application/x-ndjson;q=0.1", sse},
	} {
		head, err := http.NewRequestWithContext(t.Context(), http.MethodHead, r.url+"/events", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		head.Header.Set("Accept", test.accept)
		response, err := new(http.Transport).RoundTrip(head)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Content-Type"); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestEventsEndWithTheReason(t *testing.T) {
	both(t, func(t *testing.T, sse bool) {
		f := newFixture(t)
		f.publish(1)
		r := f.replica()
		s := r.events(t, sse, all())
		s.expect(t, "progress 0 of 1 SOURCE_CONNECTED", "event 1")
		r.sub.Stop(t.Context())
		_, err := s.Receive()
		if connect.CodeOf(err) != connect.CodeUnavailable || !strings.Contains(err.Error(), "resume") {
			t.Errorf("got %v", err)
		}
	})
}

func TestEventsRefusals(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	r := f.replica()
	for _, test := range []struct {
		name, query, lastID string
		status              int
		says                string
	}{
		{"unknown parameter", "lst=1", "", 400, `"lst": is no parameter`},
		{"two starts", "last=1&all", "", 400, "last: is a second start, beside all"},
		{"twice", "last=1&last=2", "", 400, "last: is given 2 times"},
		{"no number", "last=x", "", 400, `last: "x" is not a number`},
		{"negative", "last=-1", "", 400, `last: "-1" is not a number`},
		{"none of the last", "last=0", "", 200, ""},
		{"no position", "after=7", "", 400, `after: "7" is not EPOCH:SEQUENCE`},
		{"no epoch", "after=:7", "", 400, `after: ":7" is not EPOCH:SEQUENCE`},
		{"epoch too long", "after=" + strings.Repeat("x", 200) + ":7", "", 400, "after: validation error: epoch"},
		{"no time", "since=yesterday", "", 400, `since: "yesterday" is not a time`},
		{"in the future", "since=2999-01-01T00:00:00Z", "", 400, "since"},
		{"a value of all", "all=1", "", 400, "all: takes no value"},
		{"not encoded", "filter=%zz", "", 400, "percent-encode"},
		{"not UTF-8", "filter=%ff", "", 400, "filter: is not UTF-8"},
		{"a filter's mistake", "filter=person.emial", "", 400, "filter: column 8: undefined field 'emial'"},
		{"from the future", "after=" + f.epoch() + ":9", "", 400, "lies past the stream's last sequence"},
		{"a bad id", "all", "nonsense", 400, `Last-Event-ID: "nonsense" is not EPOCH:SEQUENCE`},
		{"a good id wins", "after=" + f.epoch() + ":9", f.epoch() + ":1", 200, ""},
		{"an empty id is none", "all", "", 200, ""},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		get, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/events?"+test.query, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		get.Header.Set("Last-Event-ID", test.lastID)
		response, err := new(http.Transport).RoundTrip(get)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != test.status {
			t.Errorf("%s: got %s, want %d", test.name, response.Status, test.status)
		}
		if response.StatusCode != http.StatusOK {
			body, err := io.ReadAll(response.Body)
			if failed := watchtest.Failure(body); err != nil || connect.CodeOf(failed) != connect.CodeInvalidArgument || !strings.Contains(failed.Error(), test.says) {
				t.Errorf("%s: got %v, %v, want …%s", test.name, failed, err, test.says)
			}
		}
		cancel()
		_ = response.Body.Close()
	}
}

// answer is what GET /events says where it comes to an end.
func (r *replica) answer(t *testing.T, query, accept string) (response *http.Response, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/events?"+query, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err = new(http.Transport).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// TestEventsComeLaterForAPassingCause: an EventSource gives up for ever after any other
// answer than 200.
func TestEventsComeLaterForAPassingCause(t *testing.T) {
	f := newFixture(t)
	stopping := func() *replica {
		r := f.replica()
		r.sub.Stop(t.Context())
		return r
	}
	withoutFilters := func() *replica {
		return f.replica(func(c *subscriber.Config) { c.Filters = 0 })
	}
	for _, test := range []struct {
		name   string
		on     func() *replica
		query  string
		code   string
		status int // for those who can look at it
	}{
		{"the server is stopping", stopping, "all", "unavailable", http.StatusServiceUnavailable},
		{"no room for another filter", withoutFilters, "filter=true", "resource_exhausted", http.StatusTooManyRequests},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, body := test.on().answer(t, test.query, "text/event-stream")
			if response.StatusCode != http.StatusOK || !strings.HasPrefix(body, "retry: ") || !strings.Contains(body, "\nevent: error\ndata: {\"code\":\""+test.code) {
				t.Errorf("an EventSource: got %s, %q", response.Status, body)
			}
			if response, _ := test.on().answer(t, test.query, "*/*"); response.StatusCode != test.status {
				t.Errorf("others: got %s, want %d", response.Status, test.status)
			}
		})
	}
	if response, _ := stopping().answer(t, "", "*/*"); response.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After for those who can look at it")
	}
}

// TestEventSourceGivesUpAMistake: it would ask for the same for ever.
func TestEventSourceGivesUpAMistake(t *testing.T) {
	r := newFixture(t).replica()
	for _, query := range []string{"lst=1", "filter=person.emial", "after=x"} {
		if response, _ := r.answer(t, query, "text/event-stream"); response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: got %s", query, response.Status)
		}
	}
}

func TestEventsAreOnlyRead(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	for method, want := range map[string]int{http.MethodPost: 405, http.MethodDelete: 405, http.MethodHead: 200} {
		request, err := http.NewRequestWithContext(t.Context(), method, r.url+"/events", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := new(http.Transport).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got %s, want %d", method, response.Status, want)
		}
	}
}

// TestHeadOfEventsIsNoWatch reads until the server closes the connection, which it does
// once it has served the request.
func TestHeadOfEventsIsNoWatch(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "HEAD /events HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") || !strings.Contains(string(answer), "X-Accel-Buffering: no") {
		t.Errorf("got %q, %v", answer, err)
	}
}
