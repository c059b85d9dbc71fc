package fanout_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/subscriber/fanout"
)

// tens shows every tenth event.
func tens(dst []byte, sequence uint64, event []byte) []byte {
	if sequence%10 == 0 {
		return append(dst, event[:8]...)
	}
	return dst
}

// filtering runs a filter, and ends it with the test.
func filtering(t *testing.T, log *fanout.Log, transform fanout.Transform) *fanout.View {
	t.Helper()
	view := log.NewFilter(transform)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		view.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		view.Close()
	})
	return view
}

// TestFilterThatIsBehindTheRingWakesThoseWhoWait lets the ring turn before the filter
// looks.
func TestFilterThatIsBehindTheRingWakesThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := fanout.New(0, 1)
		view := log.NewFilter(tens)
		defer view.Close()
		c, err := log.Cursor(view, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		woken := c.Park()
		for sequence := uint64(1); log.Base() == 0; sequence++ {
			log.Append(sequence, 0, event(sequence, fanout.SegmentBytes))
		}
		ctx, cancel := context.WithCancel(context.Background())
		ran := make(chan struct{})
		go func() {
			defer close(ran)
			view.Run(ctx)
		}()
		<-woken // for what the filter missed
		later, err := log.Cursor(view, log.Head())
		if err != nil {
			t.Fatal(err)
		}
		defer later.Close()
		woken = later.Park()
		for sequence := log.Head() + 1; sequence <= 10; sequence++ {
			log.Append(sequence, 0, event(sequence, 8))
		}
		<-woken // it goes on
		cancel()
		<-ran
	})
}

func TestFilterWakesForWhatItShowsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := fanout.New(0, 1<<20)
		view := filtering(t, log, tens)
		c, err := log.Cursor(view, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		woken := c.Park()
		for sequence := uint64(1); sequence < 10; sequence++ {
			log.Append(sequence, 0, event(sequence, 8))
			synctest.Wait()
			if awake(woken) {
				t.Fatalf("woken for sequence %d", sequence)
			}
		}
		log.Append(10, 0, event(10, 8))
		<-woken
		if got := drain(t, c, 8); len(got) != 1 || got[0] != 10 || c.Position() != 10 {
			t.Fatalf("got %v at %d", got, c.Position())
		}
		woken = c.Park()
		log.Gap(11, fanout.Deleted)
		<-woken
		if s, err := c.Next(); err != nil || s.Gap != fanout.Deleted || s.Last != 11 {
			t.Fatalf("got %+v (%v), want the gap", s, err)
		}
		woken = c.Park()
		log.Close(errors.New("over"))
		<-woken
	})
}

func TestSleeperIsNotBehindForWhatItsFilterLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := fanout.New(0, 128<<10)
		view := filtering(t, log, func(dst []byte, _ uint64, _ []byte) []byte { return dst })
		c, err := log.Cursor(view, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.Park()
		for sequence := uint64(1); sequence <= 1000; sequence++ {
			log.Append(sequence, 0, event(sequence, 1000))
			synctest.Wait()
		}
		if log.Base() == 0 {
			t.Fatal("the ring did not turn")
		}
		if got := drain(t, c, 8); len(got) != 0 || c.Position() != 1000 {
			t.Fatalf("got %v at %d, want nothing at 1000", got, c.Position())
		}
	})
}

func TestEventsBeforeTheFilterWasMadeAreLookedAt(t *testing.T) {
	log := filled(0, 95, 8, 1<<20)
	view := filtering(t, log, tens)
	c, err := log.Cursor(view, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := drain(t, c, 8); len(got) != 9 {
		t.Fatalf("got %v", got)
	}
}

func TestViewOfAFilterSharesItsLooks(t *testing.T) {
	log := filled(0, 100, 8, 1<<20)
	var asked, made atomic.Int64
	first := filtering(t, log, evens(&asked))
	second := log.NewView(first, func(dst []byte, sequence uint64, event []byte) []byte {
		made.Add(1)
		return same(dst, sequence, event)
	})
	for _, view := range []*fanout.View{first, second, second} {
		c, err := log.Cursor(view, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := drain(t, c, 8); len(got) != 50 {
			t.Errorf("got %d events", len(got))
		}
		c.Close()
	}
	if asked.Load() != 100 || made.Load() != 50 {
		t.Errorf("looked at %d events and made %d, want 100 and 50", asked.Load(), made.Load())
	}
}

func TestStuckWatchersOfSeveralPassesDoNotAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := fanout.New(0, 1<<20)
		cursors := make([]*fanout.Cursor, 100)
		parked := make([]<-chan struct{}, len(cursors))
		for i := range cursors {
			var err error
			if cursors[i], err = log.Cursor(nil, 0); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(cursors[i].Close)
			parked[i] = cursors[i].Park()
		}
		begun := time.Now()
		sequence := uint64(0)
		for stuck := 10; stuck <= 40; stuck += 10 { // ten more in each pass
			sequence++
			log.Append(sequence, 0, event(sequence, 8))
			for i := stuck; i < len(cursors); i++ {
				<-parked[i]
				drain(t, cursors[i], 8)
				parked[i] = cursors[i].Park()
			}
		}
		if took := time.Since(begun); took.Milliseconds() > 10 {
			t.Errorf("four passes took %v", took)
		}
	})
}
