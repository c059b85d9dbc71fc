package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/format"
	"rollcall/internal/statefile"
)

const (
	// importBatch is how many rows go into a message of a stream: a few, so that a row
	// does not wait for many others.
	importBatch = 200
	// keysKept is for how long the stream surely remembers keys: the shortest window
	// that an operator can choose. After a longer pause the server is asked to look
	// for them.
	keysKept = time.Minute
	// importSilence is how long the server may leave rows without any answer: longer
	// than it tries itself.
	importSilence = 15 * time.Second
)

// ErrHTTP2Required says that what an earlier run has stored can only be asked for over
// HTTP/2, which does not get through to the server.
var ErrHTTP2Required = errors.New("an import that goes on after a pause needs HTTP/2 all the way to the server")

var (
	errSilent     = connect.NewError(connect.CodeUnavailable, "no answer for too long")
	errTooMany    = errors.New("the server has sent more results than there were rows")
	errCutShort   = connect.NewError(connect.CodeUnavailable, "the server ended the import")
	errNoPosition = errors.New("the server was away for too long to know by their keys which of the first rows are stored: look which are there, and import the rest")
)

// Import submits rows, one after another, over a stream that is opened again as
// often as it takes, and goes on past rows that are refused. Memory holds the window
// of rows that are not answered yet. An Import runs once.
type Import struct {
	// Client is the service, over HTTP/2. Required.
	Client contactv1connect.SubmitServiceClient
	// Batches, if any, is the service for where HTTP/2 does not get through: then the
	// rows go in batches, each after the other's answer.
	Batches contactv1connect.SubmitServiceClient
	// Rows are what is imported. Required.
	Rows format.Reader
	// ID is what the rows' idempotency keys begin with: at most 100 printable ASCII
	// characters. Required.
	ID string
	// Window is how many rows may be on their way; below 1 is 1, and above
	// [MaxWindow] that.
	Window int
	// RetryFor is for how long it is tried anew while nothing is settled; 0 tries
	// once.
	RetryFor time.Duration
	// State, if any, remembers how far the import is. It must be its ID's, and begun.
	State *statefile.Import
	// Refused is told of each row that the server, or the reader, refuses, in order,
	// before the state is saved. Its error ends the import. Required.
	Refused func(row format.Row, why string) error
	// Settled, if any, is told after each row what came of all so far.
	Settled func(Summary)
	// Notice tells people, one line at a time, why it takes longer. Required.
	Notice func(line string)

	rows *importQueue
	// settling guards summary, and has rows settled in their order.
	settling sync.Mutex
	summary  Summary
	// proved is set once a stream has brought an answer, and batched once it was found
	// that none gets through.
	proved, batched bool
}

// Summary is what became of an import's rows.
type Summary struct {
	// Skipped rows were settled by an earlier run, as the state says.
	Skipped uint64
	// Stored persons were not there before, and Duplicates were.
	Stored, Duplicates uint64
	// Refused rows broke a rule or are no person. Nothing of them is stored.
	Refused uint64
	// Unsettled rows were sent, and it is not known what became of them. Importing
	// the same again settles it.
	Unsettled uint64
	// Took is how long it took.
	Took time.Duration
}

// Rows is how many rows were settled, by this run.
func (s Summary) Rows() uint64 {
	return s.Stored + s.Duplicates + s.Refused
}

// String is the line that people read at the end.
func (s Summary) String() string {
	text := fmt.Sprintf("stored %d, duplicates %d, refused %d", s.Stored, s.Duplicates, s.Refused)

	if s.Skipped > 0 {
		text += fmt.Sprintf(", skipped %d that an earlier run was done with", s.Skipped)
	}

	if s.Unsettled > 0 {
		text += fmt.Sprintf(", unknown %d", s.Unsettled)
	}

	return fmt.Sprintf("%s in %.1f s", text, s.Took.Seconds())
}

// Run imports to the rows' end. Refused rows are no error of Run's: the summary
// counts them. An error means that it stopped early, since the same would meet every
// row (the server is away or will take nothing) or the input could not be read; the
// summary holds what was done until then.
func (i *Import) Run(ctx context.Context) (Summary, error) {
	began := time.Now()
	ctx, stop := context.WithCancelCause(ctx)
	i.rows = newImportQueue(i.Window, i.ID, i.State)

	read := make(chan struct{})

	go func() {
		defer close(read)

		if err := i.read(ctx); err != nil {
			stop(err)
		}
	}()

	err := i.sendAll(ctx)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}

	stop(nil)
	<-read

	err = errors.Join(err, i.saveEnd(err == nil))
	i.summary.Skipped = i.rows.skipped()
	i.summary.Unsettled = i.rows.unsettled()
	i.summary.Took = time.Since(began)

	return i.summary, err
}

// read fills the window with rows, to the input's end.
func (i *Import) read(ctx context.Context) error {
	for {
		next, err := i.Rows.Next()

		switch {
		case errors.Is(err, io.EOF):
			i.rows.end()

			return nil
		case err != nil:
			return err
		}

		if !i.rows.add(ctx, next) {
			return nil
		}
	}
}

// sendAll tries until all rows are settled, or it makes no sense any more.
func (i *Import) sendAll(ctx context.Context) error {
	waits := newBackoff(retryFirst, retryLimit)

	for {
		before := i.rows.lastSettled()

		err := i.attempt(ctx)
		if err == nil {
			return nil
		}

		last := i.rows.lastSettled()

		switch {
		case last != before:
			i.proved = true

			waits.reset()
		case i.fallBack(ctx, err):
			continue
		}

		hint, _ := retryHint(err)
		wait := waits.wait(hint)

		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case !submitMayRetry(err) || time.Since(last)+wait > i.RetryFor:
			return err
		}

		i.Notice(fmt.Sprintf("no answer yet: %s; again in %.1f s", Explain(err), wait.Seconds()))

		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// attempt opens a stream and sends on it all that is not settled, and what is read
// meanwhile. It returns nil once all is settled.
func (i *Import) attempt(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	stream, err := i.open(ctx)
	if err != nil {
		return err
	}

	go i.endSilence(ctx, cancel)

	sent := make(chan struct{})

	go func() {
		defer close(sent)

		if err := i.send(ctx, stream); err != nil {
			cancel(err)
		}
	}()

	err = i.receive(stream)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}

	cancel(nil)
	<-sent

	return errors.Join(err, stream.Close())
}

func (i *Import) open(ctx context.Context) (importStream, error) {
	if i.batched {
		return newBatches(ctx, i.Batches), nil
	}

	return i.Client.ImportPersons(ctx)
}

// fallBack goes over to batches after an attempt that brought no answer, if that can
// help; false if not.
func (i *Import) fallBack(ctx context.Context, err error) bool {
	if i.proved || i.batched || i.Batches == nil || ctx.Err() != nil || !mayLackHTTP2(err) {
		return false
	}

	i.batched = true
	i.Notice("HTTP/2 does not get through to the server: importing in batches, which is slower")

	return true
}

// endSilence ends an attempt that brings no answer between two looks, though there
// are rows to answer.
func (i *Import) endSilence(ctx context.Context, end context.CancelCauseFunc) {
	looks := time.NewTicker(importSilence)
	defer looks.Stop()

	waiting := -1

	for {
		select {
		case <-ctx.Done():
			return
		case <-looks.C:
		}

		first, unanswered := i.rows.rewind(), i.rows.unsettled() > 0
		if unanswered && first == waiting {
			end(errSilent)

			return
		}

		waiting = -1
		if unanswered {
			waiting = first
		}
	}
}

// send sends rows from the first that is not settled on. That the stream has ended
// is the receiver's to say.
func (i *Import) send(ctx context.Context, stream importStream) error {
	next := i.rows.rewind()

	resume, err := i.resume(ctx)
	if err != nil {
		return err
	}

	for {
		batch, more := i.rows.take(ctx, &next, importBatch)

		if len(batch) > 0 || resume != nil {
			if stream.Send(&contactv1.ImportPersonsRequest{Submissions: batch, Resume: resume}) != nil {
				return nil //nolint:nilerr // the receiver hears why
			}

			resume = nil
		} else if err := i.settleRefused(); err != nil {
			return err
		}

		if !more {
			_ = stream.CloseSend()

			return nil
		}
	}
}

// resume says what may be stored already, where the stream might not know it by the
// keys any more; nil where it does.
func (i *Import) resume(ctx context.Context) (*contactv1.Resume, error) {
	floor, sent := i.rows.doubtful(ctx)

	switch {
	case sent == 0, !i.rows.goesOn() && time.Since(i.rows.lastSettled()) < keysKept:
		return nil, nil //nolint:nilnil // as said
	case floor == nil:
		return nil, errNoPosition
	case i.batched:
		return nil, ErrHTTP2Required
	default:
		return &contactv1.Resume{After: floor, Submissions: uint32(sent)}, nil //nolint:gosec // at most maxDoubt
	}
}

// receive settles rows until the stream's end. It returns nil if all are settled.
func (i *Import) receive(stream importStream) error {
	for {
		response, err := stream.Receive()

		switch {
		case errors.Is(err, io.EOF) && i.rows.done():
			return i.settleRefused()
		case errors.Is(err, io.EOF):
			return errCutShort
		case err != nil:
			return err
		}

		for _, result := range response.GetResults() {
			if err := i.settle(result); err != nil {
				return err
			}
		}

		if err := i.save(); err != nil {
			return err
		}
	}
}

// settle takes the result of the first row that has none. The error ends the
// attempt.
func (i *Import) settle(result *contactv1.SubmissionResult) error {
	if err := i.settleRefused(); err != nil {
		return err
	}

	i.settling.Lock()
	defer i.settling.Unlock()

	failed := result.GetError()
	if failed != nil && !isRowsOwn(failed) {
		return submissionError(failed)
	}

	row, ok := i.rows.settle(result.GetStored())

	switch {
	case !ok:
		return errTooMany
	case failed != nil:
		return i.refuse(row, explainResult(failed))
	case result.GetStored().GetDuplicate():
		i.summary.Duplicates++
	default:
		i.summary.Stored++
	}

	i.tell()

	return nil
}

// settleRefused settles the rows at the head that the reader has refused.
func (i *Import) settleRefused() error {
	i.settling.Lock()
	defer i.settling.Unlock()

	for {
		row, ok := i.rows.settleRefused()
		if !ok {
			return nil
		}

		if err := i.refuse(row, row.Err.Error()); err != nil {
			return err
		}
	}
}

func (i *Import) refuse(row format.Row, why string) error {
	i.summary.Refused++
	i.tell()

	return i.Refused(row, why)
}

func (i *Import) tell() {
	if i.Settled != nil {
		i.Settled(i.summary)
	}
}

// save keeps the state, now and then.
func (i *Import) save() error {
	if i.State == nil {
		return nil
	}

	line, floor := i.rows.settledUpTo()

	return i.State.Moved(line, floor)
}

func (i *Import) saveEnd(done bool) error {
	if i.State == nil {
		return nil
	}

	line, floor := i.rows.settledUpTo()

	return i.State.Ended(line, floor, done)
}
