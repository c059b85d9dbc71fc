package subscriber

import "rollcall/subscriber/fanout"

// gap is a range of sequences that JetStream no longer has.
type gap struct {
	first, last uint64
	reason      fanout.Reason
}

// gaps divides what is gone at the first sequence that the stream keeps.
func gaps(first, last, keptFrom uint64) []gap {
	var all []gap
	if first < keptFrom {
		all = append(all, gap{first, min(last, keptFrom-1), fanout.NotRetained})
		first = min(last, keptFrom-1) + 1
	}
	if first <= last {
		all = append(all, gap{first, last, fanout.Deleted})
	}
	return all
}
