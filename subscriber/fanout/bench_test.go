package fanout_test

import (
	"errors"
	"testing"

	"rollcall/subscriber/fanout"
)

// BenchmarkPass is the cost of a pass of 100 events over 1,000 cursors: what each
// takes, without parking or sending.
func BenchmarkPass(b *testing.B) {
	const watchers, events = 1000, 100
	log := fanout.New(0, 64<<20)
	cursors := make([]*fanout.Cursor, watchers)
	for i := range cursors {
		c, err := log.Cursor(nil, 0)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(c.Close)
		cursors[i] = c
	}
	one := event(1, 130)
	b.ReportAllocs()
	for b.Loop() {
		for range events {
			log.Append(log.Head()+1, 0, one)
		}
		for _, c := range cursors {
			for {
				if _, err := c.Next(); errors.Is(err, fanout.ErrCaughtUp) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(watchers*events), "ns/delivery")
}

// BenchmarkPark is what waiting costs: park, an append, wake.
func BenchmarkPark(b *testing.B) {
	log := fanout.New(0, 64<<20)
	c, err := log.Cursor(nil, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	one := event(1, 130)
	b.ReportAllocs()
	for b.Loop() {
		log.Append(log.Head()+1, 0, one)
		if _, err := c.Next(); err != nil {
			b.Fatal(err)
		}
		woken := c.Park()
		log.Append(log.Head()+1, 0, one)
		<-woken
	}
}
