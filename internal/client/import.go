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
)

// Import submits persons from NDJSON, many at a time, and goes on past those that
// are refused. Memory holds the persons in flight and no more.
type Import struct {
	// Submitter submits each. Required.
	Submitter *Submitter
	// ID is what the rows' idempotency keys begin with: at most 100 printable ASCII
	// characters. Required.
	ID string
	// InFlight is how many are submitted at once; below 1 is 1.
	InFlight int
	// Refused is told of each row that the server, or the reader, refuses, by one
	// goroutine at a time, not in order. Required.
	Refused func(line int, why string)
	// Settled, if any, is told after each row what came of all so far, by one
	// goroutine at a time.
	Settled func(Summary)

	mu      sync.Mutex
	summary Summary
}

// Summary is what became of an import's rows.
type Summary struct {
	// Stored persons were not there before, and Duplicates were.
	Stored, Duplicates uint64
	// Refused rows broke a rule or are no person. Nothing of them is stored.
	Refused uint64
	// Failed rows met an error that stopped the import. They may or may not be
	// stored; importing the same again settles it.
	Failed uint64
	// Took is how long it took.
	Took time.Duration
}

// Rows is how many rows were settled, one way or another.
func (s Summary) Rows() uint64 {
	return s.Stored + s.Duplicates + s.Refused + s.Failed
}

// String is the line that people read at the end.
func (s Summary) String() string {
	failed := ""
	if s.Failed > 0 {
		failed = fmt.Sprintf(", failed %d", s.Failed)
	}

	return fmt.Sprintf("stored %d, duplicates %d, refused %d%s in %.1f s",
		s.Stored, s.Duplicates, s.Refused, failed, s.Took.Seconds())
}

// Run reads to the end. Refused rows are no error of Run's: the summary counts
// them. An error means that it stopped early, since the same would meet every row
// (the server is away or will take nothing) or the input could not be read; the
// summary holds what was done until then. An Import runs once.
func (i *Import) Run(ctx context.Context, in io.Reader) (Summary, error) {
	began := time.Now()
	ctx, stop := context.WithCancelCause(ctx)

	defer stop(nil)

	err := i.submitAll(ctx, stop, newNDJSON(in))

	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}

	i.summary.Took = time.Since(began)

	return i.summary, err
}

// submitAll returns when nothing is in flight any more.
func (i *Import) submitAll(ctx context.Context, stop context.CancelCauseFunc, rows *ndjson) error {
	var flying sync.WaitGroup
	defer flying.Wait()

	slots := make(chan struct{}, max(i.InFlight, 1))

	for {
		next, err := rows.next()

		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case next.err != nil:
			i.refuse(next.line, next.err.Error())

			continue
		}

		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}

		flying.Go(func() {
			defer func() { <-slots }()

			i.submit(ctx, stop, next)
		})
	}
}

// submit settles one row. An error that is not the row's own stops the import;
// those in flight with it then end too, and it is unknown what became of them.
func (i *Import) submit(ctx context.Context, stop context.CancelCauseFunc, next row) {
	response, err := i.Submitter.Submit(ctx, next.person, rowKey(i.ID, next.line))

	switch {
	case err == nil:
		i.store(response)
	case isRefusal(err):
		i.refuse(next.line, Explain(err))
	default:
		i.settle(func(summary *Summary) { summary.Failed++ })
		stop(explained(fmt.Sprintf("submitting line %d", next.line), err))
	}
}

func (i *Import) store(response *contactv1.SubmitPersonResponse) {
	i.settle(func(summary *Summary) {
		if response.GetDuplicate() {
			summary.Duplicates++
		} else {
			summary.Stored++
		}
	})
}

func (i *Import) refuse(line int, why string) {
	i.settle(func(summary *Summary) {
		i.Refused(line, Harmless(why))
		summary.Refused++
	})
}

func (i *Import) settle(count func(*Summary)) {
	i.mu.Lock()
	defer i.mu.Unlock()

	count(&i.summary)

	if i.Settled != nil {
		i.Settled(i.summary)
	}
}

// isRefusal reports errors that are this one person's: the next may be fine.
func isRefusal(err error) bool {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok || rpc == nil {
		return false
	}

	return rpc.Code() == connect.CodeInvalidArgument || rpc.Code() == connect.CodeAlreadyExists
}
