// Package docs lets a test that sees a promise broken quote it.
package docs

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed guarantees.md
var guarantees string

// Promise is one of guarantees.md, by the words in bold that it begins with.
type Promise string

// What those who watch, and those who submit, are held to.
const (
	OKMeansStored     Promise = "OK means stored"
	KeyStoresOne      Promise = "A key stores one person"
	OneThingAResponse Promise = "One thing a response"
	Ordered           Promise = "Ordered and unique"
	Reliable          Promise = "Reliable"
	Resumable         Promise = "Resumable"
	Starts            Promise = "Starts"
	Explicit          Promise = "Explicit"
	MemoryFollows     Promise = "Memory follows the stream"
	MadeAnew          Promise = "A stream made anew is said"
	Bookmarked        Promise = "Bookmarked"
	Open              Promise = "Open while NATS is away"
	PastTheLast       Promise = "A position past the stream's last"
	SameAsEvents      Promise = "GET /events is the same watch"
	Unreadable        Promise = "What can't be read is an event"
)

// OutOfOrder is the promise that is broken by what does not follow what was sent last.
func OutOfOrder(sequence, sent uint64) Promise {
	if sequence <= sent {
		return Ordered
	}
	return Reliable
}

// String is the promise as it is written, without the marks; empty if it is not there.
func (p Promise) String() string {
	_, rest, found := strings.Cut(guarantees, "| **"+string(p)+"**")
	if !found {
		return ""
	}
	rest, _, _ = strings.Cut(rest, " | ")
	return strings.NewReplacer("**", "", "`", "").Replace(string(p) + rest)
}

// Brokenf is an error that says what was seen, and the promise that it breaks.
func (p Promise) Brokenf(format string, args ...any) error {
	return fmt.Errorf("%w\nwhich breaks docs/guarantees.md: %q", fmt.Errorf(format, args...), p)
}
