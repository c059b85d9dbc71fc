package subscriber

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// TestSharedQuestionIsSentAfterAllWhoShareItCame asks while a question is under way:
// a thousand share the next one, and nobody gets the answer to an earlier one.
func TestSharedQuestionIsSentAfterAllWhoShareItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		a := &asking{ask: func(context.Context) (*jetstream.StreamInfo, error) {
			asked++
			info := &jetstream.StreamInfo{State: jetstream.StreamState{LastSeq: uint64(asked)}}
			time.Sleep(time.Second)
			return info, nil
		}}
		var waiting sync.WaitGroup
		defer waiting.Wait()
		expect := func(want uint64) {
			waiting.Go(func() {
				info, err := a.info(context.Background())
				if err != nil || info.State.LastSeq != want {
					t.Errorf("got the answer to question %d, %v, want that to %d", info.State.LastSeq, err, want)
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
		a := &asking{ask: func(context.Context) (*jetstream.StreamInfo, error) {
			time.Sleep(time.Second)
			return &jetstream.StreamInfo{}, nil
		}}
		leaving, leave := context.WithCancel(context.Background())
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := a.info(leaving); err == nil {
				t.Error("got an answer after leaving")
			}
		})
		synctest.Wait()
		waiting.Go(func() {
			if _, err := a.info(context.Background()); err != nil {
				t.Error(err)
			}
		})
		leave()
		waiting.Wait()
	})
}
