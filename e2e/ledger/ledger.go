// Package ledger keeps account of what watches are sent.
package ledger

import (
	"rollcall/docs"
	contactv1 "rollcall/gen/contact/v1"
)

// Ledger holds a watch to what is promised: each sequence is an event or lies in a
// gap, once, in order. It may be kept over several watches, each resumed from
// where the one before ended.
type Ledger struct {
	Position *contactv1.Position // nil before the first response
	Events   []*contactv1.PersonEvent
	Gaps     []*contactv1.Gap
	Sources  []contactv1.Source // without repetitions
	Reasons  []string           // likewise, empty while connected

	// changing is set between a change of epoch and the progress that names the new one.
	changing bool
	// foreign is set by a first progress whose position is past the stream: it
	// must belong to an earlier epoch, which is said next.
	foreign error
}

// Add enters a response. Its error says which promise was broken, and how.
func (l *Ledger) Add(response *contactv1.WatchPersonsResponse) error {
	if said := kinds(response); said != 1 {
		return docs.OneThingAResponse.Brokenf("%d of events, gaps and progress in one response: %v", said, response)
	}

	if l.foreign != nil && !changesEpoch(response) {
		return l.foreign
	}

	l.foreign = nil

	if progress := response.GetProgress(); progress != nil {
		return l.addProgress(progress)
	}

	switch {
	case l.Position == nil:
		return docs.Bookmarked.Brokenf("before the progress that says where the watch is: %v", response)
	case l.changing:
		return docs.MadeAnew.Brokenf("before the progress that names the new epoch: %v", response)
	}

	for _, event := range response.GetEvents() {
		if event.GetSequence() != l.Position.GetSequence()+1 {
			return docs.OutOfOrder(event.GetSequence(), l.Position.GetSequence()).Brokenf("event %d after %d", event.GetSequence(), l.Position.GetSequence())
		}

		l.Position.Sequence = event.GetSequence()
		l.Events = append(l.Events, event)
	}

	for _, gap := range response.GetGaps() {
		if err := l.addGap(gap); err != nil {
			return err
		}
	}

	return nil
}

func changesEpoch(response *contactv1.WatchPersonsResponse) bool {
	gaps := response.GetGaps()

	return len(gaps) == 1 && gaps[0].GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED
}

func kinds(response *contactv1.WatchPersonsResponse) int {
	kinds := 0

	for _, said := range []bool{len(response.GetEvents()) > 0, len(response.GetGaps()) == 1, response.GetProgress() != nil} {
		if said {
			kinds++
		}
	}

	return kinds
}

func (l *Ledger) addProgress(progress *contactv1.Progress) error {
	if last := len(l.Sources) - 1; last < 0 || l.Sources[last] != progress.GetSource() {
		l.Sources = append(l.Sources, progress.GetSource())
	}

	if last := len(l.Reasons) - 1; last < 0 || l.Reasons[last] != progress.GetReason() {
		l.Reasons = append(l.Reasons, progress.GetReason())
	}

	said := progress.GetPosition()

	switch {
	case said.GetEpoch() == "":
		return nil // not placed yet: the source is away
	case l.Position == nil:
		l.foreign = headBehind(progress)
		l.Position = &contactv1.Position{Epoch: said.GetEpoch(), Sequence: said.GetSequence()}

		return nil
	case l.changing:
		l.Position, l.changing = &contactv1.Position{Epoch: said.GetEpoch(), Sequence: said.GetSequence()}, false
	case said.GetEpoch() != l.Position.GetEpoch():
		return docs.MadeAnew.Brokenf("another epoch without a gap that says so")
	case said.GetSequence() > l.Position.GetSequence():
		return docs.Bookmarked.Brokenf("progress to %d, but only what is up to %d was sent", said.GetSequence(), l.Position.GetSequence())
	}

	return headBehind(progress)
}

func headBehind(progress *contactv1.Progress) error {
	if head, position := progress.GetHead(), progress.GetPosition().GetSequence(); head < position {
		return docs.Bookmarked.Brokenf("head %d is behind position %d", head, position)
	}

	return nil
}

func (l *Ledger) addGap(gap *contactv1.Gap) error {
	if gap.GetFirst() != l.Position.GetSequence()+1 {
		return docs.OutOfOrder(gap.GetFirst(), l.Position.GetSequence()).Brokenf("gap from %d after %d", gap.GetFirst(), l.Position.GetSequence())
	}

	l.Gaps = append(l.Gaps, gap)

	if gap.GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED {
		l.changing = true

		return nil
	}

	if gap.GetLast() < gap.GetFirst() {
		return docs.Explicit.Brokenf("gap from %d to %d", gap.GetFirst(), gap.GetLast())
	}

	l.Position.Sequence = gap.GetLast()

	return nil
}
