package fanout_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/subscriber/fanout"
)

func parked(t *testing.T, log *fanout.Log) (*fanout.Cursor, <-chan struct{}) {
	t.Helper()
	c, err := log.Cursor(nil, log.Head())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Next(); !errors.Is(err, fanout.ErrCaughtUp) {
		t.Fatalf("got %v, want caught up", err)
	}
	woken := c.Park()
	return c, woken
}

func awake(woken <-chan struct{}) bool {
	select {
	case <-woken:
		return true
	default:
		return false
	}
}

func TestIdleLogWakesAtOnce(t *testing.T) {
	log := fanout.New(0, 1<<20)
	c, woken := parked(t, log)
	defer c.Close()
	if awake(woken) {
		t.Fatal("woken though nothing came")
	}
	log.Append(1, 0, event(1, 8))
	if !awake(woken) {
		t.Fatal("not woken by an append")
	}
}

func TestParkAfterAnAppendDoesNotSleepThroughIt(t *testing.T) {
	log := fanout.New(0, 1<<20)
	c, err := log.Cursor(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	log.Append(1, 0, event(1, 8)) // between the cursor's look and its parking
	if !awake(c.Park()) {
		t.Fatal("asleep with an event to read")
	}
}

func TestBusyLogWaitsForThePassToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := fanout.New(0, 1<<20)
		slow, slowWoken := parked(t, log)
		quick, quickWoken := parked(t, log)
		defer slow.Close()
		defer quick.Close()
		log.Append(1, 0, event(1, 8))
		if !awake(slowWoken) || !awake(quickWoken) {
			t.Fatal("not woken by the first append")
		}
		drain(t, quick, 8)
		quickWoken = quick.Park()
		log.Append(2, 0, event(2, 8))
		if awake(quickWoken) {
			t.Fatal("woken while the other of the pass is still out")
		}
		drain(t, slow, 8)
		slowWoken = slow.Park()
		if !awake(quickWoken) || !awake(slowWoken) && slow.Position() < 2 {
			t.Fatal("not woken when the pass ended")
		}
	})
}

func TestStuckWatcherHoldsTheOthersUpOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := fanout.New(0, 1<<20)
		stuck, stuckWoken := parked(t, log)
		c, woken := parked(t, log)
		defer stuck.Close()
		defer c.Close()
		log.Append(1, 0, event(1, 8))
		<-stuckWoken // and never comes back
		<-woken
		var waits []time.Duration
		for sequence := uint64(2); sequence <= 4; sequence++ {
			drain(t, c, 8)
			woken = c.Park()
			begun := time.Now()
			log.Append(sequence, 0, event(sequence, 8))
			<-woken
			waits = append(waits, time.Since(begun))
		}
		if waits[0] == 0 || waits[0] > 100*time.Millisecond || waits[1] != 0 || waits[2] != 0 {
			t.Fatalf("waited %v for the stuck one; want up to 100 ms once, then not", waits)
		}
	})
}

func TestSteadyAppendsDoNotPutOffTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := fanout.New(0, 1<<20)
		stuck, _ := parked(t, log)
		c, woken := parked(t, log)
		defer stuck.Close()
		defer c.Close()
		log.Append(1, 0, event(1, 8))
		<-woken
		drain(t, c, 8)
		woken = c.Park()
		for sequence := uint64(2); !awake(woken); sequence++ {
			if sequence > 20 {
				t.Fatal("not woken within 200 ms of steady appends")
			}
			log.Append(sequence, 0, event(sequence, 8))
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
		}
	})
}

func TestClosedCursorLeavesTheCount(t *testing.T) {
	log := fanout.New(0, 1<<20)
	gone, goneWoken := parked(t, log)
	c, woken := parked(t, log)
	defer c.Close()
	log.Append(1, 0, event(1, 8))
	if !awake(goneWoken) || !awake(woken) {
		t.Fatal("not woken")
	}
	gone.Close()
	drain(t, c, 8)
	woken = c.Park()
	log.Append(2, 0, event(2, 8))
	if !awake(woken) {
		t.Fatal("still waiting for a cursor that was closed")
	}
}

func TestCloseWakes(t *testing.T) {
	log := fanout.New(0, 1<<20)
	c, woken := parked(t, log)
	defer c.Close()
	log.Close(errors.New("ended"))
	if !awake(woken) || !awake(c.Park()) {
		t.Fatal("asleep on a closed log")
	}
}
