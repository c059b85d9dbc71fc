package fanout_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"rollcall/subscriber/fanout"
)

// evens shows events with an even sequence, and counts how often it is asked.
func evens(asked *atomic.Int64) fanout.Transform {
	return func(dst []byte, _ uint64, event []byte) []byte {
		asked.Add(1)
		if binary.BigEndian.Uint64(event)%2 == 0 {
			return append(dst, event[:8]...)
		}
		return dst
	}
}

func TestViewIsMadeOnceForAllItsCursors(t *testing.T) {
	const last = 500
	log := filled(0, last, 1000, 8<<20)
	var asked atomic.Int64
	view := log.NewView(nil, evens(&asked))
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			c, err := log.Cursor(view, 0)
			if err != nil {
				t.Errorf("cursor: %v", err)
				return
			}
			defer c.Close()
			got := drain(t, c, 8)
			if len(got) != last/2 || got[0] != 2 || got[len(got)-1] != last {
				t.Errorf("got %d events", len(got))
			}
		})
	}
	group.Wait()
	if asked.Load() != last {
		t.Errorf("transformed %d events, want each of %d once", asked.Load(), last)
	}
}

func TestViewMovesThePositionThoughNothingIsShown(t *testing.T) {
	log := filled(0, 5, 8, 1<<20)
	view := log.NewView(nil, func(dst []byte, _ uint64, _ []byte) []byte { return dst })
	c, err := log.Cursor(view, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stretch, err := c.Next()
	if err != nil || stretch.Last != 5 || len(stretch.Events) != 0 || c.Position() != 5 {
		t.Fatalf("got %+v, %v at %d; want nothing shown up to 5", stretch, err, c.Position())
	}
}

func TestViewStartsAtEveryPosition(t *testing.T) {
	const last = 200
	log := filled(0, last, 1000, 8<<20)
	var asked atomic.Int64
	view := log.NewView(nil, evens(&asked))
	for after := range uint64(last + 1) {
		c, err := log.Cursor(view, after)
		if err != nil {
			t.Fatal(err)
		}
		var want []uint64
		for s := after + 1; s <= last; s++ {
			if s%2 == 0 {
				want = append(want, s)
			}
		}
		if got := drain(t, c, 8); !slices.Equal(got, want) {
			t.Fatalf("after %d: got %v, want %v", after, got, want)
		}
		c.Close()
	}
}

func TestViewOfADroppedSegmentIsBehind(t *testing.T) {
	log := filled(0, 200, 1000, 128<<10)
	var asked atomic.Int64
	view := log.NewView(nil, evens(&asked))
	c, err := log.Cursor(view, log.Base())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for sequence := uint64(201); sequence <= 600; sequence++ {
		log.Append(sequence, 0, event(sequence, 1000))
	}
	if _, err := c.Next(); !errors.Is(err, fanout.ErrBehind) {
		t.Fatalf("got %v, want behind", err)
	}
}
