package subscriber

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
	"rollcall/subscriber/fanout"
)

var (
	errStopping = errors.New("the server is stopping")
	// errSend says that the client could not be sent to.
	errSend = errors.New("send to the client")
)

// sender takes what a watch sends: [events] in its encoding, a WatchPersonsResponse
// with something else, or a [block] of such.
type sender interface{ Send(msg any) error }

// block is what must not be cut in two where the transport can help it.
type block []*contactv1.WatchPersonsResponse

// rpcSender sends to a call of WatchPersons, in which each response is a message.
type rpcSender struct{ connect.ServerStream }

// Send implements sender.
func (s rpcSender) Send(msg any) error {
	responses, ok := msg.(block)
	if !ok {
		return s.ServerStream.Send(msg)
	}
	for _, response := range responses {
		if err := s.ServerStream.Send(response); err != nil {
			return err
		}
	}
	return nil
}

// watch is one call of WatchPersons or GET /events. It says everything up to its position once,
// in order, as events or as gaps.
type watch struct {
	sub        *Subscriber
	request    *contactv1.WatchPersonsRequest
	stream     sender
	connection *connection
	encoding   encoding
	gzip       bool
	// filter is what the watch shows; nil is everything.
	filter *sharedFilter

	// source is what the watch last looked at, and said what the client was last told of
	// it; nil before.
	source state
	said   *state
	// current is the incarnation that the watch is on.
	current *incarnation
	// after is the position, once the watch is placed: all up to it was sent, or
	// said to be gone.
	after  uint64
	placed bool

	// failures are where the filter failed in current; failed counts those up to asked, and
	// in the epochs before.
	failures      *failures
	failed, asked uint64

	// patience is how long a replay may give nothing.
	patience patience

	tick *time.Timer
	// ticked is set when progress is due as soon as the watch has caught up.
	ticked   bool
	lastSent time.Time
	// told is the position in the last progress. A filter may leave out all that comes
	// after it, so a client that has caught up is told once.
	told     uint64
	caughtUp bool
}

// run serves the watch until the client leaves, the server stops, or it can't go
// on. The error is the one to end the call with.
func (w *watch) run(ctx context.Context) error {
	w.tick = time.NewTimer(w.sub.cfg.ProgressInterval)
	defer w.tick.Stop()
	w.look()
	err := w.begin(ctx)
	for err == nil {
		err = w.follow(ctx)
		if errors.Is(err, fanout.ErrBehind) {
			err = w.replay(ctx)
		}
		if errors.Is(err, stream.ErrOtherEpoch) {
			err = w.changeEpoch(ctx)
		}
	}
	return w.ended(ctx, err)
}

func (w *watch) ended(ctx context.Context, err error) error {
	if !errors.Is(err, errSend) {
		w.connection.extend(time.Now()) // for the status
	}
	var lost dataLossError
	var rpc *connect.Error
	switch {
	case errors.As(err, &rpc):
		return rpc
	case errors.As(err, &lost):
		return connect.NewError(connect.CodeDataLoss, lost.Error()).WithCause(err)
	case errors.Is(err, errStopping):
		return connect.NewError(connect.CodeUnavailable, "the server is stopping: resume from the last position seen, on another").WithCause(err)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return connect.Errorf(connect.CodeAborted, "the client took nothing for %s: resume from the last position seen", w.sub.cfg.WriteTimeout).WithCause(err)
	}
	return fmt.Errorf("watch: %w", err)
}

// begin finds the start and sends the first progress. While the stream can't be
// asked, progress says that the source is away.
func (w *watch) begin(ctx context.Context) error {
	for {
		err := errAway
		if w.current != nil {
			w.after, err = w.start(ctx)
		}
		switch {
		case err == nil:
			w.place(w.after)
			return w.sendProgress()
		case errors.Is(err, stream.ErrOtherEpoch):
			return w.beginElsewhere(ctx)
		case !errors.Is(err, errAway):
			return err
		}
		if err := w.saySource(); err != nil {
			return err
		}
		if err := w.await(ctx, retryInterval); err != nil {
			return err
		}
		w.look()
	}
}

// beginElsewhere resumes from a position of an earlier incarnation.
func (w *watch) beginElsewhere(ctx context.Context) error {
	w.after = w.request.GetAfter().GetSequence()
	if err := w.sendProgress(); err != nil {
		return err
	}
	return w.changeEpoch(ctx)
}

// changeEpoch says that the stream is another one, and goes to its start.
func (w *watch) changeEpoch(ctx context.Context) error {
	if w.sub.isStopping() {
		return errStopping // the next server it asks says so
	}
	gap := &contactv1.WatchPersonsResponse{Gaps: []*contactv1.Gap{{
		First: following(w.after), Reason: contactv1.GapReason_GAP_REASON_EPOCH_CHANGED,
	}}}
	w.countFailures()
	// Until the place in it is known, progress has no position: not even the new
	// epoch is sure, which may be over already.
	w.placed, w.request.Start = false, nil
	w.enter(ctx)
	if err := w.send(block{gap, w.progress()}); err != nil {
		return err
	}
	for !w.placed {
		if err := w.await(ctx, retryInterval); err != nil {
			return err
		}
		w.enter(ctx)
		if w.placed {
			return w.sendProgress()
		}
	}
	return nil
}

// enter goes to the start of the newest incarnation, if it can be asked for.
func (w *watch) enter(ctx context.Context) {
	w.look()
	if known, err := w.askCurrent(ctx); err == nil {
		w.place(known.BeforeFirst())
	}
}

// following is the next sequence; a client may give any position of an earlier epoch.
func following(sequence uint64) uint64 { return max(sequence, sequence+1) }

// place sets the position from which the watch goes on.
func (w *watch) place(after uint64) {
	w.after, w.asked, w.placed = after, after, true
	if w.filter != nil {
		w.failures = w.filter.failuresIn(w.current)
	}
}

// countFailures counts those that the watch has come past.
func (w *watch) countFailures() {
	if w.failures == nil || !w.placed {
		return
	}
	w.failed += w.failures.between(w.asked, w.after)
	w.asked = w.after
}

// follow sends from the log until the cursor can't go on.
func (w *watch) follow(ctx context.Context) error {
	view, done := w.view() //nolint:contextcheck // a filter's log is for all who share it
	defer done()
	cursor, err := w.current.log.Cursor(view, w.after)
	if err != nil {
		return err
	}
	defer cursor.Close()
	for ending := (ending{}); ; {
		stretch, err := cursor.Next()
		switch {
		case ending.reached(w):
			err = errStopping
		case err == nil:
			err = w.sendStretch(stretch)
		case errors.Is(err, fanout.ErrCaughtUp):
			err = w.idle(ctx, cursor)
		}
		if err != nil {
			return err
		}
	}
}

// ending is up to where a watch sends when the server stops: what comes later it
// might never be done with.
type ending struct {
	noticed bool
	last    uint64
}

func (e *ending) reached(w *watch) bool {
	if !w.sub.isStopping() {
		return false
	}
	if !e.noticed {
		e.noticed, e.last = true, w.current.log.Head()
	}
	return w.after >= e.last
}

// idle waits for the log with nothing to send but progress.
func (w *watch) idle(ctx context.Context, cursor *fanout.Cursor) error {
	if w.sub.isStopping() {
		return errStopping
	}
	if w.ticked {
		w.ticked = false
		return w.sendDueProgress()
	}
	if !w.caughtUp {
		w.caughtUp = true
		if w.filter != nil && w.told < w.after {
			return w.sendProgress()
		}
	}
	select {
	case <-cursor.Park():
		return nil
	case <-w.tick.C:
		w.ticked = true // first past what a filter left out: it did not wake for it
		return nil
	case <-w.source.changed:
		return w.lookAgain()
	case <-w.sub.stopping:
		return nil // once more to the end of the log, then stop
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits up to d, or for a change of the source, with progress when due.
func (w *watch) await(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.source.changed:
		return w.lookAgain()
	case <-w.tick.C:
		return w.sendDueProgress()
	case <-w.sub.stopping:
		return errStopping
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// look takes over the source's state, its newest incarnation included.
func (w *watch) look() {
	w.source = w.sub.source.now()
	w.current = w.source.current
}

// lookAgain takes over whether the source is connected, and why not, and says so. A new
// incarnation is come to by way of the old log's end.
func (w *watch) lookAgain() error {
	w.source = w.sub.source.now()
	if w.source.current != w.current {
		return nil
	}
	return w.saySource()
}

// saySource says whether the source is connected, unless the client knows it.
func (w *watch) saySource() error {
	if w.said != nil && w.said.connected == w.source.connected && w.said.reason == w.source.reason {
		return nil
	}
	return w.sendProgress()
}

// view returns the log as this watch is shown it, and what to do when it is left.
func (w *watch) view() (view *fanout.View, done func()) {
	if w.filter != nil {
		of := w.current
		return w.filter.open(of).views[w.encoding], func() { w.filter.close(of) }
	}
	return w.current.views[w.encoding], func() {}
}
