package client

import (
	"errors"

	contactv1 "rollcall/gen/contact/v1"
)

// errNoProgress means that the server does not speak the contract: without a
// progress first there is no epoch, and so no position to resume from.
var errNoProgress = errors.New("the server sent persons before saying where the watch starts; is it a rollcall server?")

// tracker follows how far a watch is: everything up to its position was shown or
// said to be gone. It is what a lost watch resumes after.
type tracker struct {
	epoch    string
	sequence uint64
}

// known reports whether there is a position to resume after.
func (t *tracker) known() bool {
	return t.epoch != ""
}

func (t *tracker) position() *contactv1.Position {
	return &contactv1.Position{Epoch: t.epoch, Sequence: t.sequence}
}

// progress moves on to a progress's position. A new epoch starts over, since its
// sequences have nothing to do with the old one's.
func (t *tracker) progress(position *contactv1.Position) {
	if position.GetEpoch() != t.epoch {
		t.epoch, t.sequence = position.GetEpoch(), position.GetSequence()

		return
	}

	t.sequence = max(t.sequence, position.GetSequence())
}

// event moves on to an event that was shown.
func (t *tracker) event(event *contactv1.PersonEvent) {
	t.sequence = max(t.sequence, event.GetSequence())
}

// gap moves on past a gap that was shown. A gap that tells of a new epoch has no
// end, and moves nothing: until the new epoch's progress comes, the old position
// is the one to resume after, and the server will tell again.
func (t *tracker) gap(gap *contactv1.Gap) {
	if gap.GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED {
		return
	}

	t.sequence = max(t.sequence, gap.GetLast())
}
