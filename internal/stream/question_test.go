package stream

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestSharedQuestionIsSentAfterAllWhoShareItCame asks while a question is under way:
// a thousand share the next one, and nobody gets the answer to an earlier one.
func TestSharedQuestionIsSentAfterAllWhoShareItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var underWay sync.Mutex
		q := &question{ask: func(context.Context) (*State, error) {
			if !underWay.TryLock() {
				t.Error("two questions at a time")
				return &State{}, nil
			}
			defer underWay.Unlock()
			asked++
			state := &State{Last: uint64(asked)}
			time.Sleep(time.Second)
			return state, nil
		}}
		var waiting sync.WaitGroup
		defer waiting.Wait()
		expect := func(want uint64) {
			waiting.Go(func() {
				state, err := q.answer(context.Background())
				if err != nil || state.Last != want {
					t.Errorf("got the answer to question %d, %v, want that to %d", state.Last, err, want)
				}
			})
		}
		expect(1)
		synctest.Wait() // it is sent
		for range 1000 {
			expect(2)
		}
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait() // the second is sent
		expect(3)
		waiting.Wait()
		expect(4) // nothing is kept
	})
}

func TestWhoLeavesDoesNotTakeTheQuestionAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &question{ask: func(context.Context) (*State, error) {
			time.Sleep(time.Second)
			return &State{}, nil
		}}
		leaving, leave := context.WithCancel(context.Background())
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := q.answer(leaving); err == nil {
				t.Error("got an answer after leaving")
			}
		})
		synctest.Wait()
		waiting.Go(func() {
			if _, err := q.answer(context.Background()); err != nil {
				t.Error(err)
			}
		})
		leave()
		waiting.Wait()
	})
}
