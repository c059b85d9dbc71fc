package stream_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// relayed is a stream that is asked through a relay, with so many messages.
func relayed(t *testing.T, messages int) (*stream.Stream, jetstream.JetStream, *streamtest.Relay) {
	t.Helper()
	nc, js := streamtest.Start(t).Connect()
	streamtest.CreateStream(t, js, streamtest.Config())
	for range messages {
		if _, err := js.Publish(t.Context(), streamtest.Subject, []byte("payload")); err != nil {
			t.Fatal(err)
		}
	}
	relay := streamtest.StartRelay(t, nc)
	return stream.Open(relay.JetStream(nc), streamtest.Name), js, relay
}

// TestQuestionIsShortAndAskedAgain keeps questions as a cluster does that elects: the
// first is never answered, and one that is asked afterwards is.
func TestQuestionIsShortAndAskedAgain(t *testing.T) {
	s, js, relay := relayed(t, 1)
	epoch := func() string {
		state, err := s.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return state.Epoch
	}()
	tests := []struct {
		name string
		kind string
		ask  func() error
	}{
		{"state", streamtest.StreamInfo, func() error { _, err := s.State(t.Context()); return err }},
		{"deleted", streamtest.StreamInfo, func() error { _, err := s.StateWithDeleted(t.Context()); return err }},
		{"message", streamtest.MessageGet, func() error { _, err := s.FirstFrom(t.Context(), 1); return err }},
		{"reader", streamtest.ConsumerCreate, func() error {
			reader, err := s.OpenReader(t.Context(), epoch, 1, 10)
			if err == nil {
				reader.Close(t.Context())
			}
			return err
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer relay.Pass()
			relay.Keep(test.kind)
			answered := make(chan error, 1)
			go func() { answered <- test.ask() }()
			relay.Asked(test.kind, 1)
			relay.Pass()
			if err := <-answered; err != nil {
				t.Errorf("got %v, though the second question was let through", err)
			}
			relay.Keep(test.kind)
			begun := time.Now()
			if err := test.ask(); !errors.Is(err, stream.ErrUnanswered) {
				t.Errorf("got %v, want ErrUnanswered", err)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it gave up after %s", took)
			}
		})
	}
	streamtest.Eventually(t, "no consumer is left behind", func() bool {
		made, err := js.Stream(t.Context(), streamtest.Name)
		return err == nil && made.CachedInfo().State.Consumers == 0
	})
}

// TestStateIsTheLeaders has a replica answer while there is no leader: it may be behind.
func TestStateIsTheLeaders(t *testing.T) {
	s, _, relay := relayed(t, 3)
	relay.Change(func(info *jetstream.StreamInfo) {
		info.Cluster, info.State.LastSeq = &jetstream.ClusterInfo{Name: "cluster"}, 1
	})
	time.AfterFunc(300*time.Millisecond, func() {
		relay.Change(func(info *jetstream.StreamInfo) { info.Cluster = &jetstream.ClusterInfo{Leader: "somebody"} })
	})
	state, err := s.State(t.Context())
	if err != nil || state.Last != 3 {
		t.Errorf("got %+v, %v, want what the leader says", state, err)
	}
}

func TestQuestionThatIsNotPermitted(t *testing.T) {
	denied := streamtest.Start(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "nobody", Password: "x", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Deny: []string{"$JS.API.STREAM.INFO.>"}},
		}}}
		o.NoAuthUser = "nobody"
	})
	_, js := denied.Connect()
	s := stream.Open(js, streamtest.Name)
	for range 2 {
		begun := time.Now()
		if _, err := s.State(t.Context()); !errors.Is(err, stream.ErrNotPermitted) {
			t.Errorf("got %v, want ErrNotPermitted", err)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %s", took)
		}
	}
	if _, err := s.FirstFrom(t.Context(), 1); errors.Is(err, stream.ErrNotPermitted) {
		t.Errorf("got %v for a question that is permitted", err)
	}
}

func TestFirstSinceATime(t *testing.T) {
	s, js, _ := relayed(t, 3)
	made, err := js.Stream(t.Context(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	at := func(sequence uint64) time.Time {
		m, err := made.GetMsg(t.Context(), sequence)
		if err != nil {
			t.Fatal(err)
		}
		return m.Time
	}
	second, third := at(2), at(3)
	expect := func(since time.Time, want uint64) {
		t.Helper()
		if m, err := s.FirstSince(t.Context(), since); err != nil || m.Sequence != want {
			t.Errorf("since %s: got %d, %v, want %d", since, m.Sequence, err, want)
		}
	}
	expect(time.Unix(0, 0), 1)
	expect(second, 2)
	expect(second.Add(time.Nanosecond), 3)
	if _, err := s.FirstSince(t.Context(), third.Add(time.Nanosecond)); !errors.Is(err, stream.ErrNotStored) {
		t.Errorf("since after the last: got %v, want ErrNotStored", err)
	}
	if err := made.DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	expect(second, 3)
}

// TestFirstSinceOfAnOlderServer has a server that passes over the time, as those before
// 2.11 do: it gives the first message.
func TestFirstSinceOfAnOlderServer(t *testing.T) {
	nc, _ := streamtest.Start(t).Connect()
	js, err := jetstream.NewWithAPIPrefix(nc, "OLDER")
	if err != nil {
		t.Fatal(err)
	}
	_, err = nc.Subscribe("OLDER.STREAM.MSG.GET."+streamtest.Name, func(m *nats.Msg) {
		_ = m.Respond([]byte(`{"message":{"seq":1,"time":"2026-01-01T00:00:00Z","data":""}}`))
	})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := stream.Open(js, streamtest.Name).FirstSince(t.Context(), time.Now()); err == nil {
		t.Errorf("got message %d, which is older", m.Sequence)
	}
}

func TestPositionBeforeTheLast(t *testing.T) {
	state := stream.State{First: 3, Last: 10, Messages: 5, Deleted: 3}
	deleted := []uint64{5, 8, 10}
	for n, want := range []uint64{10, 8, 6, 5, 3, 2, 2} {
		if got := state.BeforeLast(uint64(n), deleted); got != want {
			t.Errorf("the last %d: got %d, want %d", n, got, want)
		}
	}
	empty := stream.State{First: 11, Last: 10}
	if got := empty.BeforeLast(3, nil); got != 10 {
		t.Errorf("of none: got %d, want 10", got)
	}
}

func TestExcerptIsReadWithoutAConsumer(t *testing.T) {
	s, js, _ := relayed(t, 5)
	made, err := js.Stream(t.Context(), streamtest.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.DeleteMsg(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name            string
		from            uint64
		messages, bytes int
		want            []uint64
	}{
		{"all", 0, 10, 1 << 20, []uint64{1, 2, 4, 5}},
		{"from the middle", 3, 10, 1 << 20, []uint64{4, 5}},
		{"some", 1, 2, 1 << 20, []uint64{1, 2}},
		{"as much as fits, but one", 1, 10, 1, []uint64{1}},
		{"past the last", 6, 10, 1 << 20, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			excerpt, err := s.Excerpt(t.Context(), test.from, test.messages, test.bytes)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint64
			for _, m := range excerpt {
				got = append(got, m.Sequence)
				if string(m.Payload) != "payload" || m.PublishedAt.IsZero() {
					t.Errorf("got %+v", m)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	config := made.CachedInfo().Config
	config.AllowDirect = false
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	if excerpt, err := s.Excerpt(t.Context(), 1, 10, 1<<20); err == nil {
		t.Errorf("got %v of a stream without direct access", excerpt)
	}
}
