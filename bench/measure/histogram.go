// Package measure counts: times in a histogram, and what the kernel says that a
// process has used.
package measure

import (
	"math/bits"
	"time"
)

const (
	// Every power of two has so many buckets, so a time read back is at most 1/64
	// too high.
	subBits    = 6
	subBuckets = 1 << subBits
	buckets    = (64 - subBits) * subBuckets
)

// Histogram counts durations at microseconds' precision.
type Histogram struct {
	Counts []uint32
	Total  uint64
}

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram { return &Histogram{Counts: make([]uint32, buckets)} }

// Add counts a duration; a negative one, between clocks read apart, as zero.
func (h *Histogram) Add(d time.Duration) {
	h.Counts[bucketOf(uint64(max(d.Microseconds(), 0)))]++
	h.Total++
}

// Merge adds what another counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.Counts {
		h.Counts[i] += n
	}
	h.Total += other.Total
}

// Quantile returns the duration that a share of all does not exceed; 0 of none.
func (h *Histogram) Quantile(share float64) time.Duration {
	rank := uint64(share * float64(h.Total))
	var seen uint64
	for i, n := range h.Counts {
		seen += uint64(n)
		if n > 0 && seen >= rank {
			return time.Duration(highest(i)) * time.Microsecond //nolint:gosec // far below 2^63
		}
	}
	return 0
}

func bucketOf(value uint64) int {
	if value < subBuckets {
		return int(value)
	}
	shift := bits.Len64(value) - subBits - 1
	return (shift+1)<<subBits + int(value>>shift) - subBuckets //nolint:gosec // the shift leaves seven bits
}

// highest returns the largest value of a bucket.
func highest(bucket int) uint64 {
	if bucket < subBuckets {
		return uint64(bucket) //nolint:gosec // not negative
	}
	shift := bucket>>subBits - 1
	return uint64(bucket&(subBuckets-1)+subBuckets+1)<<shift - 1
}
