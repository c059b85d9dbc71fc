package client

import (
	"fmt"

	contactv1 "rollcall/gen/contact/v1"
)

// noticeSource says when the server loses its own source, and why, and when it finds
// it again: the watch is alive meanwhile, and shows nothing.
func (w *Watch) noticeSource(progress *contactv1.Progress) {
	var lost string

	if progress.GetSource() == contactv1.Source_SOURCE_DISCONNECTED {
		lost = "the server cannot read the stream now; waiting for it"

		if reason := progress.GetReason(); reason != "" {
			lost = fmt.Sprintf("the server cannot read the stream now (%s); waiting for it", reason)
		}
	}

	switch lost {
	case w.lost:
		return
	case "":
		w.Notice("the server reads the stream again")
	default:
		w.Notice(lost)
	}

	w.lost = lost
}

// failedCount counts the persons for whom the filter failed. The server counts anew
// with each connection.
type failedCount struct {
	before, now uint64
	// said is the count that people were last told.
	said uint64
}

func (c *failedCount) reconnect() {
	c.before, c.now = c.before+c.now, 0
}

// noticeFailed says for how many persons the filter failed: at the first, and whenever
// they have become twice as many, lest a filter that always fails says nothing else.
func (w *Watch) noticeFailed(failed uint64) {
	c := &w.failed
	c.now = failed
	total := c.before + c.now

	if total == 0 || total < 2*c.said {
		return
	}

	c.said = total
	w.Notice(fmt.Sprintf("persons left out because the filter failed for them, or cost too much: %d so far", total))
}
