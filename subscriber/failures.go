package subscriber

import (
	"slices"
	"sync"
)

// mostFailures bounds the memory that a filter's failures take, 8 bytes each. It is
// more than a ring holds events of the usual size.
const mostFailures = 1 << 20

// failures are the sequences of the persons for whom a filter failed. Watches that
// share the filter count each its own, by the sequences that it has come past.
type failures struct {
	mu sync.Mutex
	// sequences are in order. They are not found in it: who is behind looks later at
	// what comes before.
	sequences []uint64
}

func (f *failures) add(sequence uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, known := slices.BinarySearch(f.sequences, sequence)
	if known {
		return
	}
	f.sequences = slices.Insert(f.sequences, at, sequence)
	if len(f.sequences) > mostFailures {
		f.sequences = slices.Delete(f.sequences, 0, mostFailures/2)
	}
}

// between counts those after one position and up to another.
func (f *failures) between(after, through uint64) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	first, _ := slices.BinarySearch(f.sequences, after+1)
	last, _ := slices.BinarySearch(f.sequences, through+1)
	return uint64(max(last-first, 0))
}
