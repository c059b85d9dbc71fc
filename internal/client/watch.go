package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/statefile"
)

// Silence is how long a watch may hear nothing at all, not even a progress, until
// it is taken for dead: three of the server's heartbeats.
const Silence = 45 * time.Second

const (
	// reconnectFirst and reconnectLimit bound the wait before a new attempt.
	reconnectFirst = 200 * time.Millisecond
	reconnectLimit = 10 * time.Second
	// settled is how long a connection must have lived, if it brought nothing new,
	// for the waits to start over: a server that greets and hangs up is not well.
	settled = reconnectLimit
)

// errEnough ends a watch that has shown as many events as it was to.
var errEnough = errors.New("enough events shown")

// Watch shows persons as they come, for as long as it can: it reconnects by
// itself and goes on right after the last thing it showed.
type Watch struct {
	// Client is the service. Required.
	Client contactv1connect.WatchServiceClient
	// Start is where to begin; nil is StartNew. It counts until the server has
	// said where the watch is; from then on the watch resumes from there.
	Start Start
	// Filter is a CEL expression over `person`; empty shows all.
	Filter string
	// Count ends the watch after so many events, rejected ones too; 0 is no limit.
	Count uint64
	// ConnectTimeout bounds how long the first connection may take to bring its
	// first answer, all attempts together. Must be above 0.
	ConnectTimeout time.Duration
	// Printer is where everything goes. Required.
	Printer Printer
	// Notice tells people, one line at a time, what becomes of the connection.
	// Required.
	Notice func(line string)
	// State, if any, is told how far the watch is, and where it starts unless the
	// file is new.
	State *statefile.Watch
	// Silence is how long to hear nothing before reconnecting; 0 is the constant
	// of that name.
	Silence time.Duration

	// purpose is what it is for, where that is not to show persons.
	purpose string
	tracker tracker
	shown   uint64
	// lost is what was last said of the server's source; empty while it is there.
	lost   string
	failed failedCount
}

// Run watches until the context ends (its error is returned), Count events were
// shown (nil), the printer fails (its error), or an error comes that another
// attempt can't mend. A Watch runs once.
func (w *Watch) Run(ctx context.Context) error {
	waits := newBackoff(reconnectFirst, reconnectLimit)
	opened := time.Now()

	for {
		before, began := w.tracker, time.Now()

		err := w.session(ctx, w.firstAnswerWithin(opened))

		switch {
		case errors.Is(err, errEnough):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !w.worthAnotherAttempt(err):
			return explained(w.doing(), err)
		}

		if w.tracker != before || time.Since(began) >= settled {
			waits.reset()
		}

		hint, _ := retryHint(err)
		wait := waits.wait(hint)

		if !w.tracker.known() && time.Since(opened)+wait >= w.ConnectTimeout {
			return explained(fmt.Sprintf("%s: gave up after %v", w.doing(), w.ConnectTimeout), err)
		}

		w.Notice(fmt.Sprintf("%s: %s; again in %.1f s", w.trouble(), Explain(err), wait.Seconds()))

		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// doing names what the watch is for, and where a position came from that the server
// may just have refused.
func (w *Watch) doing() string {
	switch {
	case w.purpose != "":
		return w.purpose
	case !w.tracker.known() && w.State != nil && w.State.Start() != nil:
		return "watching after the position in " + w.State.Path()
	default:
		return "watching"
	}
}

// trouble names what an attempt's end means to people.
func (w *Watch) trouble() string {
	if w.tracker.known() {
		return "connection lost"
	}

	return "no connection yet"
}

// worthAnotherAttempt tells errors of the connection from those that would only
// come again. What the printer or the contract ended stays ended.
func (w *Watch) worthAnotherAttempt(err error) bool {
	var ours *localError

	return !errors.As(err, &ours) && !errors.Is(err, errNoProgress) && watchMayResume(err)
}

// firstAnswerWithin is how long this connection's first answer may take: what is
// left of the connect timeout as long as no server has ever answered.
func (w *Watch) firstAnswerWithin(opened time.Time) time.Duration {
	silence := w.silence()
	if w.tracker.known() {
		return silence
	}

	return min(silence, w.ConnectTimeout-time.Since(opened))
}

func (w *Watch) silence() time.Duration {
	if w.Silence > 0 {
		return w.Silence
	}

	return Silence
}

// session is one connection, from the request to its end, which is always an
// error: a watch has no natural end.
func (w *Watch) session(ctx context.Context, firstAnswer time.Duration) error {
	ctx, alive := startWatchdog(ctx, firstAnswer)
	defer alive.stop()

	w.failed.reconnect()

	stream, err := w.Client.WatchPersons(ctx, w.request())
	if err != nil {
		return alive.cause(err)
	}

	defer func() { _ = stream.Close() }()

	for {
		response, err := stream.Receive()
		if err != nil {
			return alive.cause(ended(err))
		}

		// A terminal held by Ctrl-S is no silence of the server's.
		alive.rest()

		if err := w.show(response); err != nil {
			return err
		}

		alive.watch(w.silence())
	}
}

func (w *Watch) request() *contactv1.WatchPersonsRequest {
	request := &contactv1.WatchPersonsRequest{Filter: w.Filter}

	switch {
	case w.tracker.known():
		StartAfter(w.tracker.position())(request)
	case w.State != nil && w.State.Start() != nil:
		StartAfter(w.State.Start())(request)
	case w.Start != nil:
		w.Start(request)
	}

	return request
}

// show prints one response, then flushes, then tells the state: what a position
// says was shown has left the process before that position is saved.
func (w *Watch) show(response *contactv1.WatchPersonsResponse) error {
	err := w.print(response)
	if err != nil && !errors.Is(err, errEnough) {
		_ = w.Printer.Flush() // what can still be shown; err says the rest

		return err
	}

	if err := w.Printer.Flush(); err != nil {
		return printing(err)
	}

	if w.State != nil && w.tracker.known() {
		if err := w.State.Moved(w.tracker.position()); err != nil {
			return &localError{err}
		}
	}

	return err
}

func (w *Watch) print(response *contactv1.WatchPersonsResponse) error {
	for _, event := range response.GetEvents() {
		if err := w.showEvent(event); err != nil {
			return err
		}
	}

	for _, gap := range response.GetGaps() {
		if err := w.Printer.Gap(gap); err != nil {
			return printing(err)
		}

		w.tracker.gap(gap)
	}

	if progress := response.GetProgress(); progress != nil {
		return w.showProgress(progress)
	}

	return nil
}

func (w *Watch) showEvent(event *contactv1.PersonEvent) error {
	if !w.tracker.known() {
		return errNoProgress
	}

	if err := w.Printer.Event(event); err != nil {
		return printing(err)
	}

	w.tracker.event(event)
	w.shown++

	if w.shown == w.Count {
		return errEnough
	}

	return nil
}

func (w *Watch) showProgress(progress *contactv1.Progress) error {
	if err := w.Printer.Progress(progress); err != nil {
		return printing(err)
	}

	w.tracker.progress(progress.GetPosition())
	w.noticeSource(progress)
	w.noticeFailed(progress.GetFailed())

	return nil
}

// localError marks an error on this side, of the printer or the state, which no
// reconnecting mends.
type localError struct{ err error }

func (e *localError) Error() string { return e.err.Error() }
func (e *localError) Unwrap() error { return e.err }

func printing(err error) error {
	return &localError{fmt.Errorf("printing: %w", err)}
}
