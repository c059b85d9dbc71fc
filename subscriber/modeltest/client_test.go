package modeltest

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect/v2"

	"rollcall/docs"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/subscriber/watchtest"
)

// place is a position in one of the model's epochs.
type place struct {
	epoch    *epoch
	sequence uint64
}

func (p place) String() string {
	if p.epoch == nil {
		return "nowhere"
	}
	return fmt.Sprintf("%d:%d", p.epoch.number, p.sequence)
}

// client watches as a good client does, coming back from where it was
// whenever a replica stops, and holds all that it is sent against the model. All
// but name, encoding and start is the schedule's, under its lock.
type client struct {
	*schedule
	name string
	// encoding is one of encodings.
	encoding string
	// start is nil for a client that begins after a position.
	start *start

	// on is the replica it uses or will use; leave ends its call.
	on      int
	leave   context.CancelFunc
	reading bool

	// at is up to where the client was sent everything or told; no epoch before
	// the first progress.
	at place
	// mayStart holds where the watch may begin, as long as it has not.
	mayStart map[place]bool
	// heard is set once this call had its first response.
	heard bool
	// moved is set once this call was sent an event or a gap.
	moved bool
	// fresh is set until something follows the start of a watch that may not
	// begin with what was gone already when it was opened, which is in goneBefore.
	fresh      bool
	goneBefore map[place]bool
	// notShown holds what this call must not be sent: it was gone when it was opened, and
	// the replica knew or had to ask.
	notShown map[place]bool
	// lastAtOpen is the stream's last when the call was opened.
	lastAtOpen place
	// moving is set between a change of epoch and the progress that follows.
	moving bool
	saw    []string
}

// run watches until the schedule ends.
func (c *client) run(ctx context.Context) {
	for {
		r, call, request := c.next(ctx)
		if r == nil {
			return
		}
		err := c.call(call, r, request)
		r.calls.Done()
		c.leave()
		if !c.mayGoOn(ctx, r, err) {
			return
		}
	}
}

// next waits for a replica, counts a call to it, and says what to ask it; nil at the
// schedule's end.
func (c *client) next(ctx context.Context) (r *replica, call context.Context, request *contactv1.WatchPersonsRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait(ctx, func() bool { return !c.changing && !c.noReplica() })
	if ctx.Err() != nil || c.failure != "" {
		return nil, nil, nil
	}
	if c.replicas[c.on] == nil {
		c.on = 1 - c.on
	}
	c.replicas[c.on].calls.Add(1)
	call, c.leave = context.WithCancel(ctx)
	c.heard, c.moved, c.fresh, c.moving = false, false, false, false
	c.lastAtOpen = place{}
	if c.exists {
		c.lastAtOpen = place{c.stream.now(), c.stream.now().last()}
	}
	c.notShown = c.stream.places(func(m message) bool { return m.forgotten || m.gone && c.at.epoch == nil })
	if c.at.epoch != nil {
		c.notef("— asks replica %d for what follows %s", c.on, c.at)
		return c.replicas[c.on], call, watchtest.After(c.at.epoch.name, c.at.sequence)
	}
	c.notef("— asks replica %d for %s", c.on, c.start.text)
	c.mayStart = map[place]bool{}
	c.goneBefore = c.stream.places(func(m message) bool { return m.gone })
	c.streamChanged()
	return c.replicas[c.on], call, c.start.ask
}

// streamChanged notes where the watch may begin now.
func (c *client) streamChanged() {
	if c.at.epoch != nil || !c.exists || c.mayStart == nil {
		return
	}
	lowest, highest := c.start.from(c.stream.now())
	for ; lowest <= highest; lowest++ {
		c.mayStart[place{c.stream.now(), lowest}] = true
	}
}

// call makes one call and takes what comes.
func (c *client) call(ctx context.Context, r *replica, request *contactv1.WatchPersonsRequest) error {
	s, err := r.watch(ctx, c.encoding, request)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		if err := c.mayRead(ctx); err != nil {
			return err
		}
		response, err := s.Receive()
		if err != nil {
			return err
		}
		if !c.take(ctx, response) {
			return context.Canceled
		}
		if stream, ok := s.(*watchtest.EventStream); ok && stream.SSE {
			c.checkID(stream.LastID)
		}
	}
}

// mayRead waits while the client is not to read.
func (c *client) mayRead(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait(ctx, func() bool { return c.reading })
	return ctx.Err()
}

// mayGoOn judges the end of a call; false when it is the client's last.
func (c *client) mayGoOn(ctx context.Context, r *replica, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	switch code := connect.CodeOf(err); {
	case errors.Is(err, context.Canceled), code == connect.CodeCanceled: // the schedule made it leave
	case code == connect.CodeUnavailable && r.stopped:
		c.notef("— ended: the server is stopping")
	default:
		c.brokenf(c, docs.Open, "the watch ended with %v", err)
		return false
	}
	return true
}

// take holds a response against the model; false if the client has left meanwhile.
func (c *client) take(ctx context.Context, response *contactv1.WatchPersonsResponse) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	items := watchtest.Items(response)
	for _, i := range items {
		c.notef("%s %s", i, i.Progress.GetPosition().GetEpoch())
		switch {
		case len(items) > 1 && i.Event == nil, response.GetProgress() != nil && len(items) > 1:
			c.brokenf(c, docs.OneThingAResponse, "a response holds %v", items)
		case !c.heard && i.Progress == nil:
			c.brokenf(c, docs.Bookmarked, "the first response is no progress")
		case i.Progress != nil:
			c.takeProgress(i.Progress)
		case c.at.epoch == nil:
			c.brokenf(c, docs.Bookmarked, "it is sent before it is told where it starts")
		case c.moving:
			c.brokenf(c, docs.MadeAnew, "a change of epoch is followed by something else than progress")
		case i.Event != nil:
			c.takeEvent(i.Event)
		default:
			c.takeGap(i.Gap)
		}
	}
	if len(items) == 0 {
		c.brokenf(c, docs.OneThingAResponse, "a response holds nothing")
	}
	c.cond.Broadcast()
	return true
}

// checkID wants an EventSource to resume exactly from where the client is.
func (c *client) checkID(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.epoch != nil && id != fmt.Sprintf("%s:%d", c.at.epoch.name, c.at.sequence) {
		c.brokenf(c, docs.SameAsEvents, "an EventSource would resume after %q, the watch is at %s", id, c.at)
	}
}

func (c *client) takeEvent(event *contactv1.PersonEvent) {
	sequence := event.GetSequence()
	switch {
	case sequence != c.at.sequence+1:
		c.brokenf(c, docs.OutOfOrder(sequence, c.at.sequence), "event %d follows %s", sequence, c.at)
		return
	case sequence > c.at.epoch.last():
		c.brokenf(c, docs.Reliable, "event %d was never published in epoch %d", sequence, c.at.epoch.number)
		return
	}
	if c.notShown[place{c.at.epoch, sequence}] {
		c.brokenf(c, docs.MemoryFollows, "event %d was gone when the watch was opened", sequence)
	}
	m := c.at.epoch.message(sequence)
	rejected := m.person == "" && int(event.GetRejected().GetSize()) == m.size && event.GetRejected().GetReason() != ""
	person := m.person != "" && event.GetPerson().GetName() == m.person && event.GetPerson().GetEmail() == "p@example.org"
	if !rejected && !person {
		promise := docs.Reliable
		if m.person == "" {
			promise = docs.Unreadable
		}
		c.brokenf(c, promise, "event %d of epoch %d is %.200v, want %.60q of %d bytes", sequence, c.at.epoch.number, event, m.person, m.size)
	}
	at := event.GetPublishedAt().AsTime()
	if before, ok := c.at.epoch.published[sequence]; ok && !before.Equal(at) {
		c.brokenf(c, docs.Resumable, "event %d was published at %s to this watch, at %s to another", sequence, at, before)
	}
	c.at.epoch.published[sequence] = at
	c.moved = true
	c.at.sequence, c.fresh = sequence, false
}

func (c *client) takeGap(gap *contactv1.Gap) {
	if gap.GetFirst() != c.at.sequence+1 {
		c.brokenf(c, docs.OutOfOrder(gap.GetFirst(), c.at.sequence), "the gap follows %s", c.at)
	}
	if gap.GetReason() == contactv1.GapReason_GAP_REASON_EPOCH_CHANGED {
		if gap.GetLast() != 0 || c.at.epoch == c.stream.now() {
			c.brokenf(c, docs.MadeAnew, "a change of epoch from %d", c.at.epoch.number)
		}
		c.moving, c.fresh = true, false
		return
	}
	if gap.GetLast() < gap.GetFirst() || gap.GetLast() > c.at.epoch.last() {
		c.brokenf(c, docs.Explicit, "the gap covers what never was")
		return
	}
	for sequence := gap.GetFirst(); sequence <= gap.GetLast(); sequence++ {
		m := c.at.epoch.message(sequence)
		notRetained := gap.GetReason() == contactv1.GapReason_GAP_REASON_NOT_RETAINED && sequence < c.at.epoch.first
		deleted := gap.GetReason() == contactv1.GapReason_GAP_REASON_DELETED && m.inside
		switch {
		case !m.gone:
			c.brokenf(c, docs.Explicit, "the gap covers %d, which is stored", sequence)
		case !notRetained && !deleted:
			c.brokenf(c, docs.Explicit, "the reason is not that of %d", sequence)
		case c.fresh && sequence == gap.GetFirst() && c.goneBefore[place{c.at.epoch, sequence}]:
			c.brokenf(c, docs.Starts, "the watch begins with a gap: %d was gone when it was opened", sequence)
		}
	}
	c.at.sequence, c.fresh, c.moved = gap.GetLast(), false, true
}

func (c *client) takeProgress(p *contactv1.Progress) {
	c.heard = true
	// Before the watch is placed the head may be that of another epoch than the client's.
	if p.GetHead() < p.GetPosition().GetSequence() && c.moved {
		c.brokenf(c, docs.Bookmarked, "the head lies before the position")
	}
	if p.GetPosition() == nil {
		if c.at.epoch != nil && !c.moving {
			c.brokenf(c, docs.Bookmarked, "progress has no position, though the watch has one")
		}
		return
	}
	at := place{c.stream.epoch(p.GetPosition().GetEpoch()), p.GetPosition().GetSequence()}
	switch {
	case at.epoch == nil:
		c.brokenf(c, docs.MadeAnew, "epoch %q never was", p.GetPosition().GetEpoch())
	case c.moving:
		c.enter(at)
	case c.at.epoch == nil:
		if !c.mayStart[at] {
			c.brokenf(c, docs.Starts, "it starts after %s, which may be any of %v", at, c.mayStart)
		}
		c.at, c.fresh = at, c.start != nil
		c.checkHead(p)
	case at != c.at:
		c.brokenf(c, docs.Bookmarked, "progress is at %s, the watch at %s", at, c.at)
	}
}

// checkHead wants the head of a first progress to be at least the stream's last
// when the watch was opened.
func (c *client) checkHead(p *contactv1.Progress) {
	if c.at.epoch == c.lastAtOpen.epoch && p.GetHead() < c.lastAtOpen.sequence {
		c.brokenf(c, docs.Bookmarked, "the head lies before the stream's last when the watch was opened, %s", c.lastAtOpen)
	}
}

// enter takes the watch into a later epoch.
func (c *client) enter(at place) {
	if at.epoch.number <= c.at.epoch.number {
		c.brokenf(c, docs.MadeAnew, "it changes to epoch %d from %d", at.epoch.number, c.at.epoch.number)
	}
	if !at.epoch.starts[at.sequence] {
		c.brokenf(c, docs.MadeAnew, "it enters the epoch at %s, which was never before the first", at)
	}
	c.at, c.moving = at, false
}

// atEnd reports whether the client has all there is.
func (c *client) atEnd() bool {
	return c.at == place{c.stream.now(), c.stream.now().last()} && !c.moving
}

func (c *client) notef(format string, args ...any) {
	c.saw = append(c.saw, fmt.Sprintf(format, args...))
}
