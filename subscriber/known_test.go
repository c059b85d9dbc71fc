package subscriber

import (
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber/fanout"
)

func TestWhatIsDeletedIsAskedForOnlyWhereItMustBe(t *testing.T) {
	at := func(first, last uint64, deleted int, sequences ...uint64) *stream.State {
		return &stream.State{First: first, Last: last, Messages: last + 1 - first - uint64(deleted), Deleted: deleted, DeletedSequences: sequences}
	}
	none := &known{State: at(1, 20, 0)}
	some := &known{State: at(1, 20, 3), deleted: []uint64{5, 6, 9}}
	tests := []struct {
		name  string
		known *known
		said  *stream.State
		want  []uint64
		ask   bool
	}{
		{"nothing was deleted", none, at(1, 30, 0), nil, false},
		{"one was", none, at(1, 30, 1), nil, true},
		{"the same are", some, at(1, 30, 3), []uint64{5, 6, 9}, false},
		{"one more is", some, at(1, 30, 4), nil, true},
		{"one of them is before the first now", some, at(6, 30, 2), []uint64{6, 9}, false},
		{"all of them are", some, at(10, 30, 0), nil, false},
		{"one of them is, and one more was deleted", some, at(6, 30, 3), nil, true},
		{"it was asked for", some, at(6, 30, 3, 6, 9, 11), []uint64{6, 9, 11}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			next, ok := test.known.with(test.said)
			if ok == test.ask {
				t.Fatalf("to be asked: %v, want %v", !ok, test.ask)
			}
			if ok && !slices.Equal(next.deleted, test.want) {
				t.Errorf("deleted %v, want %v", next.deleted, test.want)
			}
		})
	}
}

func TestRangesOfWhatIsGone(t *testing.T) {
	k := &known{State: &stream.State{First: 5, Last: 20, Messages: 11}, deleted: []uint64{6, 7, 9, 20}}
	tests := []struct {
		from uint64
		want []fanout.Range
	}{
		{1, []fanout.Range{{First: 1, Last: 4, Reason: fanout.NotRetained}, {First: 6, Last: 7, Reason: fanout.Deleted}, {First: 9, Last: 9, Reason: fanout.Deleted}, {First: 20, Last: 20, Reason: fanout.Deleted}}},
		{5, []fanout.Range{{First: 6, Last: 7, Reason: fanout.Deleted}, {First: 9, Last: 9, Reason: fanout.Deleted}, {First: 20, Last: 20, Reason: fanout.Deleted}}},
		{7, []fanout.Range{{First: 7, Last: 7, Reason: fanout.Deleted}, {First: 9, Last: 9, Reason: fanout.Deleted}, {First: 20, Last: 20, Reason: fanout.Deleted}}},
		{21, nil},
	}
	for _, test := range tests {
		if got := k.gone(test.from); !reflect.DeepEqual(got, test.want) {
			t.Errorf("from %d: got %v, want %v", test.from, got, test.want)
		}
	}
}

// TestWhatIsDeletedOnItsWayIsAGap has the reader give messages that are known to be gone.
func TestWhatIsDeletedOnItsWayIsAGap(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	s := newSource(stream.Open(js, "none"), Config{RingBytes: 1 << 20, Logger: slog.New(slog.DiscardHandler)})
	now := time.Now()
	current := newIncarnation(&stream.State{Epoch: "e", First: 1, Last: 3, Messages: 3}, 0, 1<<20)
	learn := func(first uint64, deleted ...uint64) {
		t.Helper()
		now = now.Add(time.Second)
		state := &stream.State{AskedAt: now, Epoch: "e", First: first, Last: 4, Messages: 5 - first - uint64(len(deleted)), Deleted: len(deleted), DeletedSequences: deleted}
		if _, err := s.learn(t.Context(), current, state); err != nil {
			t.Fatal(err)
		}
	}
	give := func(sequence uint64) {
		t.Helper()
		if err := s.append(t.Context(), current, stream.Message{Sequence: sequence, PublishedAt: now, Payload: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want ...fanout.Stretch) {
		t.Helper()
		c, err := current.log.Cursor(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, w := range want {
			got, err := c.Next()
			got.Events = nil
			if err != nil || !reflect.DeepEqual(got, w) {
				t.Fatalf("got %+v, %v, want %+v", got, err, w)
			}
		}
		if _, err := c.Next(); !errors.Is(err, fanout.ErrCaughtUp) {
			t.Fatalf("then got %v, want the end", err)
		}
	}
	give(1)
	learn(1, 2)
	give(2)
	give(3)
	expect(fanout.Stretch{First: 1, Last: 1}, fanout.Stretch{First: 2, Last: 2, Gap: fanout.Deleted}, fanout.Stretch{First: 3, Last: 3})
	learn(5)
	give(4)
	learn(5)
	expect(fanout.Stretch{First: 1, Last: 4, Gap: fanout.NotRetained})
	older := &stream.State{AskedAt: now.Add(-time.Minute), Epoch: "e", First: 1, Last: 4, Messages: 4}
	if known, err := s.learn(t.Context(), current, older); err != nil || known.First != 5 {
		t.Errorf("an older answer: got %+v, %v, want what is known", known, err)
	}
	if _, err := s.learn(t.Context(), current, &stream.State{Epoch: "f"}); !errors.Is(err, stream.ErrOtherEpoch) {
		t.Errorf("of another epoch: got %v", err)
	}
}

// TestReplayBelievesTheLeader has a replica give what the leader says is gone.
func TestReplayBelievesTheLeader(t *testing.T) {
	turn := turn{
		encoding: inBinary, next: 1, through: 5,
		known: &known{State: &stream.State{First: 2, Last: 5, Messages: 3}, deleted: []uint64{4}},
	}
	for sequence := uint64(1); sequence <= 5; sequence++ {
		turn.add(stream.Message{Sequence: sequence, PublishedAt: time.Now(), Payload: []byte("x")})
	}
	var got []fanout.Range
	for _, p := range turn.pieces {
		r := fanout.Range{First: p.first, Last: p.last}
		if p.events == nil {
			r.Reason = fanout.Deleted
		}
		got = append(got, r)
	}
	want := []fanout.Range{{First: 1, Last: 1, Reason: fanout.Deleted}, {First: 2, Last: 3}, {First: 4, Last: 4, Reason: fanout.Deleted}, {First: 5, Last: 5}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
