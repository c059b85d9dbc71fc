package fanout_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"rollcall/subscriber/fanout"
)

// event is an event of eight bytes or more that carries its sequence.
func event(sequence uint64, size int) []byte {
	e := make([]byte, max(size, 8))
	binary.BigEndian.PutUint64(e, sequence)
	return e
}

// filled returns a log that holds the events first to last, of size bytes each.
func filled(base, last uint64, size int, maxBytes int64) *fanout.Log {
	log := fanout.New(base, maxBytes)
	for sequence := base + 1; sequence <= last; sequence++ {
		log.Append(sequence, int64(sequence)*10, event(sequence, size))
	}
	return log
}

// drain reads a cursor to the log's end and returns the events' sequences.
func drain(t *testing.T, c *fanout.Cursor, size int) []uint64 {
	t.Helper()
	var all []uint64
	for {
		stretch, err := c.Next()
		if errors.Is(err, fanout.ErrCaughtUp) {
			return all
		}
		if err != nil {
			t.Fatalf("next after %d: %v", c.Position(), err)
		}
		for e := range slices.Chunk(stretch.Events, size) {
			all = append(all, binary.BigEndian.Uint64(e))
		}
	}
}

func sequences(first, last uint64) []uint64 {
	var all []uint64
	for s := first; s <= last; s++ {
		all = append(all, s)
	}
	return all
}

func TestCursorStartsAtEveryPositionOfTheRing(t *testing.T) {
	const size, last = 1000, 300 // several segments of 64 KiB
	log := filled(0, last, size, 1<<20)
	for after := range uint64(last + 1) {
		c, err := log.Cursor(nil, after)
		if err != nil {
			t.Fatalf("cursor after %d: %v", after, err)
		}
		if got, want := drain(t, c, size), sequences(after+1, last); !slices.Equal(got, want) {
			t.Fatalf("after %d: got %d events %v, want %d", after, len(got), got, len(want))
		}
		c.Close()
	}
}

func TestRingThatBeginsLater(t *testing.T) {
	log := fanout.New(10, 1<<20)
	if log.Base() != 10 || log.Head() != 10 {
		t.Errorf("it begins after %d, and ends at %d", log.Base(), log.Head())
	}
	if _, err := log.Cursor(nil, 9); !errors.Is(err, fanout.ErrBehind) {
		t.Errorf("a cursor before its base: %v", err)
	}
}

// TestCursorThatHasReadAllThatWasDroppedIsNotBehind keeps the latest event alone.
func TestCursorThatHasReadAllThatWasDroppedIsNotBehind(t *testing.T) {
	const size = fanout.SegmentBytes + 1
	log := filled(0, 1, size, 1)
	c, err := log.Cursor(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for sequence := uint64(2); sequence < 5; sequence++ {
		if got := drain(t, c, size); !slices.Equal(got, []uint64{sequence - 1}) {
			t.Fatalf("got %v, want %d", got, sequence-1)
		}
		log.Append(sequence, 0, event(sequence, size))
	}
}

// TestCursorDoesNotHoldWhatWasDropped leaves one in the midst of the oldest segment.
func TestCursorDoesNotHoldWhatWasDropped(t *testing.T) {
	log := filled(0, 1, 8, 1)
	c, err := log.Cursor(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	drain(t, c, 8)
	log.Append(2, 0, event(2, 8))
	for sequence := uint64(3); log.Base() < 2; sequence++ {
		log.Append(sequence, 0, event(sequence, 8))
	}
	if stretch, err := c.Next(); !errors.Is(err, fanout.ErrBehind) {
		t.Errorf("got %+v (%v), want behind", stretch, err)
	}
}

func TestCursorPastTheHeadWaitsForIt(t *testing.T) {
	log := filled(0, 3, 8, 1<<20)
	c, err := log.Cursor(nil, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for sequence := uint64(4); sequence <= 5; sequence++ {
		if _, err := c.Next(); !errors.Is(err, fanout.ErrCaughtUp) {
			t.Fatalf("before %d: %v, want caught up", sequence, err)
		}
		log.Append(sequence, 0, event(sequence, 8))
	}
	log.Append(6, 0, event(6, 8))
	if got := drain(t, c, 8); !slices.Equal(got, []uint64{6}) {
		t.Fatalf("got %v, want only 6", got)
	}
}

func TestRingKeepsToItsSizeAndSaysWhatItLetGo(t *testing.T) {
	const maxBytes = 256 << 10
	log := fanout.New(0, maxBytes)
	behind, err := log.Cursor(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Close()
	for sequence := uint64(1); sequence <= 5000; sequence++ {
		log.Append(sequence, 0, event(sequence, 500))
		if held := log.Bytes(); held > maxBytes+2*fanout.SegmentBytes {
			t.Fatalf("after %d events the ring holds %d bytes, want about %d at most", sequence, held, maxBytes)
		}
	}
	if _, err := behind.Next(); !errors.Is(err, fanout.ErrBehind) {
		t.Fatalf("cursor at the dropped start: %v, want behind", err)
	}
	if _, err := log.Cursor(nil, log.Base()-1); !errors.Is(err, fanout.ErrBehind) {
		t.Fatalf("cursor before the base: %v, want behind", err)
	}
	atBase, err := log.Cursor(nil, log.Base())
	if err != nil {
		t.Fatalf("cursor at the base: %v", err)
	}
	defer atBase.Close()
	if got, want := drain(t, atBase, 500), sequences(log.Base()+1, 5000); !slices.Equal(got, want) {
		t.Fatalf("from the base: got %d events, want %d", len(got), len(want))
	}
}

// TestSmallRingKeepsToItsSizeToo fills rings that are smaller than a large ring's
// segment. Only the very latest event may be more than a ring is given.
func TestSmallRingKeepsToItsSizeToo(t *testing.T) {
	for _, maxBytes := range []int64{0, 1, 500, 2 << 10, 10 << 10, 64 << 10, 100 << 10, 1 << 20} {
		for _, size := range []int{8, 150, 3000} {
			t.Run(fmt.Sprintf("%d bytes of events of %d", maxBytes, size), func(t *testing.T) {
				log := fanout.New(0, maxBytes)
				one := fanout.New(0, 0)
				one.Append(1, 0, event(1, size))
				for sequence := uint64(1); sequence <= 2000; sequence++ {
					log.Append(sequence, 0, event(sequence, size))
					if held, may := log.Bytes(), max(maxBytes, one.Bytes()); held > may {
						t.Fatalf("after %d events the ring holds %d bytes, want at most %d", sequence, held, may)
					}
				}
				if held := log.Bytes(); held < maxBytes/2 && int64(size)*2000 > maxBytes {
					t.Errorf("the ring holds %d bytes, not even half of what it may", held)
				}
				if log.Base() >= log.Head() {
					t.Errorf("the ring begins after %d and ends at %d, want the latest in it", log.Base(), log.Head())
				}
			})
		}
	}
}

func TestRingOfNothingButGapsKeepsToItsSize(t *testing.T) {
	log := fanout.New(0, 64<<10)
	for last := uint64(2); last <= 20_000; last += 2 {
		log.Gap(last, fanout.Deleted)
	}
	if log.Bytes() > 128<<10 {
		t.Fatalf("the ring holds %d bytes", log.Bytes())
	}
	if log.Base() == 0 {
		t.Error("it has let nothing go")
	}
}

func TestEventLargerThanASegment(t *testing.T) {
	const size = 3 * fanout.SegmentBytes
	log := filled(0, 3, size, 1<<20)
	c, err := log.Cursor(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := drain(t, c, size); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Fatalf("got %v", got)
	}
}

func TestGapIsSaidOnceFromWhereTheCursorStands(t *testing.T) {
	log := filled(0, 2, 8, 1<<20)
	log.Gap(5, fanout.NotRetained)
	log.Gap(9, fanout.Deleted)
	log.Append(10, 0, event(10, 8))
	tests := []struct {
		name  string
		after uint64
		want  []fanout.Stretch
	}{
		{"before the gaps", 2, []fanout.Stretch{{First: 3, Last: 5, Gap: fanout.NotRetained}, {First: 6, Last: 9, Gap: fanout.Deleted}}},
		{"inside the first", 4, []fanout.Stretch{{First: 5, Last: 5, Gap: fanout.NotRetained}, {First: 6, Last: 9, Gap: fanout.Deleted}}},
		{"between the two", 5, []fanout.Stretch{{First: 6, Last: 9, Gap: fanout.Deleted}}},
		{"inside the second", 8, []fanout.Stretch{{First: 9, Last: 9, Gap: fanout.Deleted}}},
		{"after both", 9, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := log.Cursor(nil, test.after)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for _, want := range test.want {
				got, err := c.Next()
				if err != nil || got.First != want.First || got.Last != want.Last || got.Gap != want.Gap || len(got.Events) > 0 {
					t.Fatalf("got %+v, %v; want %+v", got, err, want)
				}
			}
			if got := drain(t, c, 8); !slices.Equal(got, []uint64{10}) {
				t.Fatalf("then got %v, want 10", got)
			}
		})
	}
}

func TestClosedLogIsReadToItsEndFirst(t *testing.T) {
	ended := errors.New("ended")
	log := filled(0, 2, 8, 1<<20)
	c, err := log.Cursor(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ahead, err := log.Cursor(nil, 7)
	if err != nil {
		t.Fatal(err)
	}
	defer ahead.Close()
	log.Close(ended)
	if stretch, err := c.Next(); err != nil || stretch.Last != 2 {
		t.Fatalf("got %+v, %v; want what was there", stretch, err)
	}
	for _, cursor := range []*fanout.Cursor{c, ahead} {
		if _, err := cursor.Next(); !errors.Is(err, ended) {
			t.Fatalf("at the end: %v, want the reason it was closed with", err)
		}
	}
}

func TestSinceFindsTheFirstAtATimeOrLater(t *testing.T) {
	log := filled(100, 103, 8, 1<<20) // at 1010, 1020, 1030
	tests := []struct {
		name  string
		at    int64
		after uint64
		ok    bool
	}{
		{"before the ring's first: may lie before it", 1000, 100, false},
		{"at the ring's first: so may this", 1010, 100, false},
		{"between two", 1011, 101, true},
		{"at one", 1020, 101, true},
		{"after all: it may be still to come", 1031, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if after, ok := log.Since(test.at); after != test.after || ok != test.ok {
				t.Errorf("got %d, %v; want %d, %v", after, ok, test.after, test.ok)
			}
		})
	}
}

func TestAppendOutOfOrderIsABug(t *testing.T) {
	tests := []struct {
		name string
		do   func(*fanout.Log)
	}{
		{"append again", func(l *fanout.Log) { l.Append(3, 0, nil) }},
		{"append past the next", func(l *fanout.Log) { l.Append(5, 0, nil) }},
		{"gap that ends before the head", func(l *fanout.Log) { l.Gap(2, fanout.Deleted) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("want a panic")
				}
			}()
			test.do(filled(0, 3, 8, 1<<20))
		})
	}
}
