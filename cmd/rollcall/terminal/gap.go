package terminal

import (
	"fmt"
	"strconv"

	contactv1 "rollcall/gen/contact/v1"
)

// describeGap says how many events are gone, which, and why.
func describeGap(gap *contactv1.Gap) string {
	if gap.GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED {
		return fmt.Sprintf("— the stream was made anew: what followed %d in the old one is gone —", max(gap.GetFirst(), 1)-1)
	}

	return fmt.Sprintf("— %s gone: %s (%s) —", countEvents(gap), describeRange(gap), gapReason(gap.GetReason()))
}

func countEvents(gap *contactv1.Gap) string {
	count := max(gap.GetLast(), gap.GetFirst()) - gap.GetFirst() + 1
	if count == 1 {
		return "1 event is"
	}

	return strconv.FormatUint(count, 10) + " events are"
}

func describeRange(gap *contactv1.Gap) string {
	if gap.GetLast() <= gap.GetFirst() {
		return strconv.FormatUint(gap.GetFirst(), 10)
	}

	return fmt.Sprintf("%d–%d", gap.GetFirst(), gap.GetLast())
}

func gapReason(reason contactv1.GapReason) string {
	switch reason {
	case contactv1.GapReason_GAP_REASON_NOT_RETAINED:
		return "no longer kept"
	case contactv1.GapReason_GAP_REASON_DELETED:
		return "deleted"
	case contactv1.GapReason_GAP_REASON_UNSPECIFIED, contactv1.GapReason_GAP_REASON_EPOCH_CHANGED:
	}

	return "the server does not say why"
}
