package subscriber

import (
	"fmt"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/subscriber/fanout"
)

// sendStretch sends what a cursor moved over and moves the watch's position.
func (w *watch) sendStretch(s fanout.Stretch) error {
	if s.Gap != 0 {
		return w.sendGaps([]gap{{s.First, s.Last, s.Gap}})
	}
	if err := w.sendShared(s.Events); err != nil {
		return err
	}
	w.after = s.Last
	return nil
}

// sendShared sends events that others are sent as well.
func (w *watch) sendShared(encoded []byte) error {
	if w.gzip && len(encoded) >= leastPacked {
		return w.send(w.sub.packer.pack(encoded, w.encoding))
	}
	return w.sendEvents(encoded)
}

func (w *watch) sendEvents(encoded []byte) error {
	if len(encoded) == 0 {
		return nil // a view that shows none of them
	}
	return w.send(events(encoded))
}

// sendGaps says each gap in a response of its own.
func (w *watch) sendGaps(all []gap) error {
	for _, g := range all {
		err := w.send(&contactv1.WatchPersonsResponse{Gaps: []*contactv1.Gap{{First: g.first, Last: g.last, Reason: reasons[g.reason]}}})
		if err != nil {
			return err
		}
		w.after = g.last
	}
	return nil
}

var reasons = map[fanout.Reason]contactv1.GapReason{
	fanout.NotRetained: contactv1.GapReason_GAP_REASON_NOT_RETAINED,
	fanout.Deleted:     contactv1.GapReason_GAP_REASON_DELETED,
}

// sendDueProgress sends progress if nothing was sent for the interval.
func (w *watch) sendDueProgress() error {
	err := w.progressIfDue()
	w.tick.Reset(w.sub.cfg.ProgressInterval - time.Since(w.lastSent))
	return err
}

func (w *watch) progressIfDue() error {
	if time.Since(w.lastSent) < w.sub.cfg.ProgressInterval {
		return nil
	}
	return w.sendProgress()
}

func (w *watch) sendProgress() error { return w.send(w.progress()) }

// progress is what is said of the watch now.
func (w *watch) progress() *contactv1.WatchPersonsResponse {
	w.said = new(w.source)
	if !w.placed {
		return w.unplacedProgress()
	}
	w.told = w.after
	w.countFailures()
	return &contactv1.WatchPersonsResponse{Progress: &contactv1.Progress{
		Position: &contactv1.Position{Epoch: w.current.epoch, Sequence: w.after},
		Head:     max(w.current.head(), w.after),
		Source:   sourceOf(w.source.connected), Reason: w.source.reason,
		First: w.first(), Failed: w.failed,
	}}
}

// unplacedProgress is for a watch whose place in the stream is not known yet: its
// position is what the client said it has, if it did.
func (w *watch) unplacedProgress() *contactv1.WatchPersonsResponse {
	progress := &contactv1.Progress{
		Position: w.request.GetAfter(), Head: w.request.GetAfter().GetSequence(),
		Source: sourceOf(w.source.connected), Reason: w.source.reason,
		First: w.first(), Failed: w.failed,
	}
	switch {
	case w.current == nil: // nothing else is known
	case progress.GetPosition().GetEpoch() == w.current.epoch:
		progress.Head = max(progress.GetHead(), w.current.head())
	default:
		progress.Head = w.current.head()
	}
	return &contactv1.WatchPersonsResponse{Progress: progress}
}

// first is the first sequence that the stream keeps; 0 if that is not known.
func (w *watch) first() uint64 {
	if w.current == nil {
		return 0
	}
	return w.current.known.Load().BeforeFirst() + 1
}

func sourceOf(connected bool) contactv1.Source {
	if connected {
		return contactv1.Source_SOURCE_CONNECTED
	}
	return contactv1.Source_SOURCE_DISCONNECTED
}

func (w *watch) send(msg any) error {
	w.lastSent = time.Now()
	w.connection.extend(w.lastSent)
	defer w.connection.rest()
	if err := w.stream.Send(msg); err != nil {
		return fmt.Errorf("%w: %w", errSend, err)
	}
	return nil
}
