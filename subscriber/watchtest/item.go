// Package watchtest has what tests of watches are made of: requests, clients that are
// written to the letter of what they speak, and what they are sent, taken apart.
package watchtest

import (
	"fmt"

	contactv1 "rollcall/gen/contact/v1"
)

// Item is one event, gap or progress.
type Item struct {
	Event    *contactv1.PersonEvent
	Gap      *contactv1.Gap
	Progress *contactv1.Progress
}

// String is the item as tests compare it.
func (i Item) String() string {
	switch {
	case i.Event.GetRejected() != nil:
		return fmt.Sprintf("rejected %d", i.Event.GetSequence())
	case i.Event != nil:
		return fmt.Sprintf("event %d", i.Event.GetSequence())
	case i.Gap != nil:
		return fmt.Sprintf("gap %d-%d %s", i.Gap.GetFirst(), i.Gap.GetLast(), i.Gap.GetReason())
	default:
		return fmt.Sprintf("progress %d of %d %s", i.Progress.GetPosition().GetSequence(), i.Progress.GetHead(), i.Progress.GetSource())
	}
}

// Items are the parts of a response, in its order.
func Items(response *contactv1.WatchPersonsResponse) []Item {
	var items []Item
	for _, e := range response.GetEvents() {
		items = append(items, Item{Event: e})
	}
	for _, g := range response.GetGaps() {
		items = append(items, Item{Gap: g})
	}
	if p := response.GetProgress(); p != nil {
		items = append(items, Item{Progress: p})
	}
	return items
}
