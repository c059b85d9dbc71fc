package ledger

import (
	"strconv"
	"strings"
	"testing"

	"rollcall/docs"
	contactv1 "rollcall/gen/contact/v1"
)

func said(epoch string, sequence, head uint64) *contactv1.WatchPersonsResponse {
	return &contactv1.WatchPersonsResponse{Progress: &contactv1.Progress{
		Position: &contactv1.Position{Epoch: epoch, Sequence: sequence}, Head: head,
	}}
}

func event(sequences ...uint64) *contactv1.WatchPersonsResponse {
	response := new(contactv1.WatchPersonsResponse)
	for _, sequence := range sequences {
		response.Events = append(response.Events, &contactv1.PersonEvent{Sequence: sequence})
	}

	return response
}

func gone(first, last uint64, reason contactv1.GapReason) *contactv1.WatchPersonsResponse {
	return &contactv1.WatchPersonsResponse{Gaps: []*contactv1.Gap{{First: first, Last: last, Reason: reason}}}
}

// The ledger is what the tests believe, so it is tested itself.
func TestLedger(t *testing.T) {
	const deleted, changed = contactv1.GapReason_GAP_REASON_DELETED, contactv1.GapReason_GAP_REASON_EPOCH_CHANGED

	for name, test := range map[string]struct {
		broken docs.Promise // none where it is empty
		said   []*contactv1.WatchPersonsResponse
	}{
		"in order":            {"", []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1, 2), gone(3, 4, deleted), event(5), said("a", 5, 5)}},
		"new epoch":           {"", []*contactv1.WatchPersonsResponse{said("a", 7, 1), gone(8, 0, changed), said("b", 0, 1), event(1)}},
		"skipped":             {docs.Reliable, []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1, 3)}},
		"twice":               {docs.Ordered, []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1), event(1)}},
		"resumed too early":   {docs.Ordered, []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1, 2), said("a", 1, 3), event(2)}},
		"gap and event":       {docs.Ordered, []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1), gone(1, 2, deleted)}},
		"gap left out":        {docs.Reliable, []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1), gone(3, 3, deleted)}},
		"progress too far":    {docs.Bookmarked, []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1), said("a", 2, 3)}},
		"no first progress":   {docs.Bookmarked, []*contactv1.WatchPersonsResponse{event(1)}},
		"silent new epoch":    {docs.MadeAnew, []*contactv1.WatchPersonsResponse{said("a", 0, 3), event(1), said("b", 0, 1)}},
		"epoch never named":   {docs.MadeAnew, []*contactv1.WatchPersonsResponse{said("a", 1, 1), gone(2, 0, changed), event(1)}},
		"head behind":         {docs.Bookmarked, []*contactv1.WatchPersonsResponse{said("a", 7, 1), event(8)}},
		"mixed":               {docs.OneThingAResponse, []*contactv1.WatchPersonsResponse{said("a", 0, 1), {Events: event(1).Events, Progress: said("a", 1, 1).Progress}}},
		"says nothing at all": {docs.OneThingAResponse, []*contactv1.WatchPersonsResponse{{}}},
	} {
		var err error

		for l, i := new(Ledger), 0; err == nil && i < len(test.said); i++ {
			err = l.Add(test.said[i])
		}

		if (err != nil) != (test.broken != "") || (err != nil && !strings.HasSuffix(err.Error(), strconv.Quote(test.broken.String()))) {
			t.Errorf("%s: got %v, want broken %q", name, err, test.broken)
		}
	}
}
