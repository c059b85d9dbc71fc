package fanout_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"rollcall/subscriber/fanout"
)

// told reads a cursor to the log's end: what it is told, as text.
func told(t *testing.T, c *fanout.Cursor, size int) []string {
	t.Helper()
	var all []string
	for {
		stretch, err := c.Next()
		if errors.Is(err, fanout.ErrCaughtUp) {
			return all
		}
		if err != nil {
			t.Fatalf("next after %d: %v", c.Position(), err)
		}
		if stretch.Gap != 0 {
			all = append(all, fmt.Sprintf("gap %d-%d %d", stretch.First, stretch.Last, stretch.Gap))
		}
		for e := range slices.Chunk(stretch.Events, size) {
			all = append(all, fmt.Sprint(binary.BigEndian.Uint64(e)))
		}
	}
}

// from returns a new cursor's way from a position to the end.
func from(t *testing.T, log *fanout.Log, after uint64, size int) []string {
	t.Helper()
	c, err := log.Cursor(nil, after)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return told(t, c, size)
}

func deleted(first, last uint64) fanout.Range {
	return fanout.Range{First: first, Last: last, Reason: fanout.Deleted}
}

func notRetained(last uint64) fanout.Range {
	return fanout.Range{First: 1, Last: last, Reason: fanout.NotRetained}
}

func TestRemovedIsAGapFromThenOn(t *testing.T) {
	const size = 20_000 // three fill a segment
	tests := []struct {
		name    string
		removed [][]fanout.Range // one removal after another from 1 to 8, a gap at 4
		want    []string
	}{
		{"one inside a segment", [][]fanout.Range{{deleted(2, 2)}}, []string{"1", "gap 2-2 2", "3", "gap 4-4 2", "5", "6", "7", "8"}},
		{"the first", [][]fanout.Range{{deleted(1, 1)}}, []string{"gap 1-1 2", "2", "3", "gap 4-4 2", "5", "6", "7", "8"}},
		{"the last", [][]fanout.Range{{deleted(8, 8)}}, []string{"1", "2", "3", "gap 4-4 2", "5", "6", "7", "gap 8-8 2"}},
		{"over a gap that says the same", [][]fanout.Range{{deleted(3, 5)}}, []string{"1", "2", "gap 3-5 2", "6", "7", "8"}},
		{"beside a gap", [][]fanout.Range{{deleted(5, 5)}}, []string{"1", "2", "3", "gap 4-4 2", "gap 5-5 2", "6", "7", "8"}},
		{"the same again", [][]fanout.Range{{deleted(2, 2)}, {deleted(2, 2), deleted(4, 4)}}, []string{"1", "gap 2-2 2", "3", "gap 4-4 2", "5", "6", "7", "8"}},
		{"several of one segment", [][]fanout.Range{{deleted(5, 5), deleted(7, 7)}}, []string{"1", "2", "3", "gap 4-4 2", "gap 5-5 2", "6", "gap 7-7 2", "8"}},
		{"everything", [][]fanout.Range{{deleted(1, 8)}}, []string{"gap 1-8 2"}},
		{"the start, further each time", [][]fanout.Range{{notRetained(1)}, {notRetained(2)}, {notRetained(6)}}, []string{"gap 1-6 1", "7", "8"}},
		{"the start, past the head", [][]fanout.Range{{notRetained(20)}}, []string{"gap 1-8 1"}},
		{"for another reason later", [][]fanout.Range{{deleted(1, 3)}, {notRetained(2)}}, []string{"gap 1-2 1", "gap 3-3 2", "gap 4-4 2", "5", "6", "7", "8"}},
		{"what is before the ring and past the head", [][]fanout.Range{{deleted(0, 0), deleted(9, 12)}}, []string{"1", "2", "3", "gap 4-4 2", "5", "6", "7", "8"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log := filled(0, 3, size, 8<<20)
			log.Gap(4, fanout.Deleted)
			for sequence := uint64(5); sequence <= 8; sequence++ {
				log.Append(sequence, 0, event(sequence, size))
			}
			waiting, err := log.Cursor(nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer waiting.Close()
			for _, removal := range test.removed {
				log.Remove(removal...)
			}
			if got := from(t, log, 0, size); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if got := told(t, waiting, size); !slices.Equal(got, test.want) {
				t.Errorf("who was there before got %v, want %v", got, test.want)
			}
			log.Append(9, 0, event(9, size))
			log.Append(10, 0, event(10, size))
			if got := told(t, waiting, size); !slices.Equal(got, []string{"9", "10"}) {
				t.Errorf("then got %v, want what came after", got)
			}
		})
	}
}

// TestRunningCursorComesToAGap has a cursor stand in the middle of the segment that
// events are taken out of, behind it and before it.
func TestRunningCursorComesToAGap(t *testing.T) {
	log := filled(0, 3, 8, 1<<20)
	c, err := log.Cursor(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stretch, err := c.Next()
	if err != nil || stretch.Last != 3 {
		t.Fatalf("got %+v, %v", stretch, err)
	}
	for sequence := uint64(4); sequence <= 6; sequence++ {
		log.Append(sequence, 0, event(sequence, 8))
	}
	log.Remove(deleted(2, 2), deleted(5, 5))
	if got := told(t, c, 8); !slices.Equal(got, []string{"4", "gap 5-5 2", "6"}) {
		t.Errorf("got %v", got)
	}
	if got := binary.BigEndian.Uint64(stretch.Events[8:]); got != 2 {
		t.Errorf("what was returned before became %d", got)
	}
}

// TestWhatAFilterLeavesOutIsAGapOnceItIsGone stands in a segment's view that shows
// nothing.
func TestWhatAFilterLeavesOutIsAGapOnceItIsGone(t *testing.T) {
	for _, ofAView := range []bool{false, true} {
		log := filled(0, 2, 8, 1<<20)
		view := log.NewView(nil, func(dst []byte, _ uint64, _ []byte) []byte { return dst })
		if ofAView {
			view = log.NewView(view, same)
		}
		var cursors [2]*fanout.Cursor
		for i := range cursors {
			c, err := log.Cursor(view, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			if got := told(t, c, 8); len(got) != 0 || c.Position() != 2 {
				t.Fatalf("got %v at %d", got, c.Position())
			}
			cursors[i] = c
		}
		for sequence := uint64(3); sequence <= 5; sequence++ {
			log.Append(sequence, 0, event(sequence, 8))
		}
		told(t, cursors[0], 8) // the view is made this far now
		log.Remove(deleted(4, 4))
		if got := told(t, cursors[1], 8); !slices.Equal(got, []string{"gap 4-4 2"}) {
			t.Errorf("got %v, want the gap", got)
		}
	}
}

// TestWhatIsSaidAlreadyIsNotTouched removes again what is gone, as the whole list of it
// is given each time: no view is made anew for it.
func TestWhatIsSaidAlreadyIsNotTouched(t *testing.T) {
	log := filled(0, 9, 8, 1<<20)
	var asked atomic.Int64
	view := log.NewView(nil, evens(&asked))
	removals := []fanout.Range{deleted(1, 2), deleted(5, 5), deleted(8, 9)}
	look := func() int64 {
		c, err := log.Cursor(view, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		told(t, c, 8)
		return asked.Swap(0)
	}
	look()
	log.Remove(removals...)
	if looks := look(); looks != 4 {
		t.Errorf("looked at %d events, want the 4 that are left", looks)
	}
	log.Remove(removals...)
	if looks := look(); looks != 0 {
		t.Errorf("looked at %d events again", looks)
	}
}

func TestRemovedIsNotInMemory(t *testing.T) {
	log := filled(0, 300, 1000, 8<<20)
	before := log.Bytes()
	log.Remove(deleted(1, 150), deleted(152, 290))
	if got, want := log.Bytes(), before/15; got > want {
		t.Errorf("%d bytes are held of %d, want at most %d", got, before, want)
	}
	log.Remove(deleted(1, 300))
	empty := fanout.New(0, 8<<20)
	empty.Gap(300, fanout.Deleted)
	if got, want := log.Bytes(), empty.Bytes(); got > want {
		t.Errorf("%d bytes are held of nothing, want at most %d", got, want)
	}
}

func TestSinceLeavesOutWhatIsRemoved(t *testing.T) {
	log := filled(100, 106, 8, 1<<20) // at 1010 to 1060
	log.Remove(deleted(103, 104))
	if after, ok := log.Since(1030); !ok || after != 104 {
		t.Errorf("got %d, %v; want 104, before the first that is left", after, ok)
	}
	if after, ok := log.Since(1020); !ok || after != 101 {
		t.Errorf("got %d, %v; want 101", after, ok)
	}
}

func TestRemovalOutOfOrderIsABug(t *testing.T) {
	for _, ranges := range [][]fanout.Range{{deleted(3, 2)}, {deleted(2, 2), deleted(1, 1)}, {deleted(1, 2), deleted(2, 3)}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: want a panic", ranges)
				}
			}()
			filled(0, 3, 8, 1<<20).Remove(ranges...)
		}()
	}
}
