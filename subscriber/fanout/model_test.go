package fanout_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"rollcall/subscriber/fanout"
)

// TestEverySequenceOnceWhateverTheSchedule appends events and gaps, and takes events
// out again, while watchers start anywhere, fall behind and come back, in the log's own
// bytes and in a view; each must see every sequence from its start on once, in order,
// as the event it was or within a gap, and as a gap what was gone when it asked.
func TestEverySequenceOnceWhateverTheSchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{8, 100, 5000}).Draw(t, "event size")
		steps := rapid.SliceOfN(rapid.IntRange(-3, 40), 1, 60).Draw(t, "steps") // below zero: a gap
		maxBytes := rapid.SampledFrom([]int64{1 << 10, 128 << 10, 8 << 20}).Draw(t, "ring")
		starts := rapid.SliceOfN(rapid.Uint64Range(0, 300), 1, 6).Draw(t, "starts")

		stream := newModel(steps)
		stream.removals = rapid.SliceOfN(rapid.Custom(stream.removal), 0, 20).Draw(t, "removals")
		log := fanout.New(0, maxBytes)
		var asked atomic.Int64
		views := []*fanout.View{log.NewView(nil, evens(&asked)), log.NewFilter(evens(&asked))}
		views = append(views, log.NewView(views[1], same))
		looking := make(chan struct{})
		go func() {
			defer close(looking)
			views[1].Run(context.Background())
		}()

		var group sync.WaitGroup
		errs := make(chan error, (1+len(views))*len(starts))
		for _, start := range starts {
			start = min(start, stream.last())
			group.Go(func() { errs <- stream.watch(log, nil, start, size, false) })
			for _, view := range views {
				group.Go(func() { errs <- stream.watch(log, view, start, 8, true) })
			}
		}
		stream.publish(log, size)
		group.Wait()
		<-looking
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, view := range views {
			view.Close()
		}
		if plain := fill(stream, size, maxBytes); maxBytes > 1<<20 && log.Bytes() != plain.Bytes() {
			t.Fatalf("%d bytes are held once the views are closed, want %d", log.Bytes(), plain.Bytes())
		}
	})
}

// same shows every event as it is.
func same(dst []byte, _ uint64, event []byte) []byte { return append(dst, event...) }

func fill(m *model, size int, maxBytes int64) *fanout.Log {
	log := fanout.New(0, maxBytes)
	m.publish(log, size)
	return log
}

// model is what a stream holds: for each sequence whether it is there at first.
type model struct {
	there    []bool
	removals []removal
	// clock ticks with each removal, before and after it. begun and done hold when that
	// of a sequence was; 0 for never.
	clock       *atomic.Int64
	begun, done []atomic.Int64
}

// removal takes out a range once a sequence was appended.
type removal struct {
	after uint64
	gone  []fanout.Range
}

func newModel(steps []int) *model {
	m := &model{clock: &atomic.Int64{}}
	for _, step := range steps {
		for range max(step, -step) {
			m.there = append(m.there, step > 0)
		}
	}
	m.begun, m.done = make([]atomic.Int64, len(m.there)+1), make([]atomic.Int64, len(m.there)+1)
	return m
}

// removal draws one of up to three ranges, which may lie past the head.
func (m *model) removal(t *rapid.T) removal {
	r := removal{after: rapid.Uint64Range(1, max(m.last(), 1)).Draw(t, "after")}
	from := rapid.Uint64Range(1, r.after).Draw(t, "from")
	for range rapid.IntRange(1, 3).Draw(t, "ranges") {
		last := from + rapid.SampledFrom([]uint64{0, 0, 1, 3, 50}).Draw(t, "more")
		reason := rapid.SampledFrom([]fanout.Reason{fanout.Deleted, fanout.NotRetained}).Draw(t, "reason")
		r.gone = append(r.gone, fanout.Range{First: from, Last: last, Reason: reason})
		from = last + 1 + rapid.Uint64Range(0, 5).Draw(t, "between")
	}
	return r
}

func (m *model) last() uint64 { return uint64(len(m.there)) }

func (m *model) publish(log *fanout.Log, size int) {
	for sequence := uint64(1); sequence <= m.last(); {
		if m.there[sequence-1] {
			log.Append(sequence, 0, event(sequence, size))
			m.remove(log, sequence)
			sequence++
			continue
		}
		end := sequence
		for end < m.last() && !m.there[end] {
			end++
		}
		log.Gap(end, fanout.Deleted)
		for ; sequence <= end; sequence++ {
			m.remove(log, sequence)
		}
	}
	log.Close(errEnd)
}

// remove does the removals that are due once a sequence was appended.
func (m *model) remove(log *fanout.Log, appended uint64) {
	for _, r := range m.removals {
		if r.after == appended {
			m.note(r, m.begun, log.Head())
			log.Remove(r.gone...)
			m.note(r, m.done, log.Head())
		}
	}
}

func (m *model) note(r removal, when []atomic.Int64, head uint64) {
	now := m.clock.Add(1)
	for _, gone := range r.gone {
		for sequence := gone.First; sequence <= min(gone.Last, head); sequence++ {
			when[sequence].CompareAndSwap(0, now)
		}
	}
}

var errEnd = errors.New("end")

// watch follows the log from a start to its end. Where the ring has moved on it
// goes on at the ring's base, as if it had read the rest elsewhere.
func (m *model) watch(log *fanout.Log, view *fanout.View, after uint64, size int, evenOnly bool) error {
	for {
		c, err := log.Cursor(view, after)
		for err == nil {
			var stretch fanout.Stretch
			asked := m.clock.Load()
			stretch, err = c.Next()
			if errors.Is(err, fanout.ErrCaughtUp) {
				<-c.Park()
				err = nil
				continue
			}
			if err == nil {
				if checkErr := m.check(stretch, after, asked, log.Base(), size, evenOnly); checkErr != nil {
					c.Close()
					return checkErr
				}
				after = stretch.Last
			}
		}
		if c != nil {
			c.Close()
		}
		if !errors.Is(err, fanout.ErrBehind) {
			if !errors.Is(err, errEnd) || after < m.last() {
				return fmt.Errorf("ended at %d of %d: %w", after, m.last(), err)
			}
			return nil
		}
		base := log.Base()
		if base <= after {
			return fmt.Errorf("behind at %d though the ring begins after %d", after, base)
		}
		after = base
	}
}

// check judges what a cursor after a position returned; asked is the clock before, and
// base the log's after.
func (m *model) check(s fanout.Stretch, after uint64, asked int64, base uint64, size int, evenOnly bool) error {
	if s.First != after+1 || s.Last < s.First {
		return fmt.Errorf("stretch %d-%d after %d", s.First, s.Last, after)
	}
	var want []uint64
	for sequence := s.First; sequence <= s.Last; sequence++ {
		begun, done := m.begun[sequence].Load(), m.done[sequence].Load()
		// A sleeper that the ring has passed is not told what its filter would have left out.
		slept := evenOnly && len(s.Events) == 0 && s.First <= base
		switch there := m.there[sequence-1]; {
		case s.Gap != 0 && there && begun == 0:
			return fmt.Errorf("sequence %d is said to be gone, and is not", sequence)
		case s.Gap == 0 && !there:
			return fmt.Errorf("sequence %d was never there, and no gap says so", sequence)
		case s.Gap == 0 && done != 0 && done <= asked && !slept:
			return fmt.Errorf("sequence %d was taken out before it was returned", sequence)
		}
		if s.Gap == 0 && (!evenOnly || sequence%2 == 0) {
			want = append(want, sequence)
		}
	}
	var got []uint64
	for e := range slices.Chunk(s.Events, size) {
		got = append(got, binary.BigEndian.Uint64(e))
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("stretch %d-%d holds %v, want %v", s.First, s.Last, got, want)
	}
	return nil
}
