package measure

import (
	"testing"
	"time"
)

func TestBucketsFollowOneAnother(t *testing.T) {
	t.Parallel()
	last := -1
	for _, value := range []uint64{0, 1, 63, 64, 65, 127, 128, 129, 130, 255, 256, 1000, 1 << 20, 1<<20 + 1<<14, 1 << 40} {
		bucket := bucketOf(value)
		if bucket < last {
			t.Errorf("%d is in bucket %d, before a smaller one's %d", value, bucket, last)
		}
		last = bucket
		if high := highest(bucket); high < value || high-value > value/subBuckets {
			t.Errorf("%d is read back as %d", value, high)
		}
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	one, other := NewHistogram(), NewHistogram()
	for i := range 1000 {
		h := one
		if i%2 == 0 {
			h = other
		}
		h.Add(time.Duration(i+1) * time.Millisecond)
	}
	one.Merge(other)
	one.Add(-time.Second) // between clocks
	for share, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 1: time.Second} {
		if got := one.Quantile(share); got < want-2*time.Millisecond || got > want+want/50 {
			t.Errorf("%v: got %s, want about %s", share, got, want)
		}
	}
	if got := NewHistogram().Quantile(0.5); got != 0 {
		t.Errorf("of none: got %s", got)
	}
}
