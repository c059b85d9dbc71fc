package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// importWindow is how many submissions of one import are begun and not answered.
const importWindow = 2048

// ImportPersons stores persons as they come and answers in their order.
func (s service) ImportPersons(ctx context.Context, call contactv1connect.SubmitServiceImportPersonsServerStream) error {
	if err := refuseKey(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	i := &importCall{Gateway: s.Gateway, call: call, attempts: make(chan attempt, importWindow)}
	received := make(chan error, 1)
	go func() {
		defer close(i.attempts)
		received <- i.receive(ctx)
	}()
	// The stream may not be read any more once this returns.
	stop := interruptReads(ctx, s.stopping)
	err := i.answer(ctx)
	stop()
	cancel()
	if readErr := <-received; err == nil {
		err = readErr
	}
	for range i.attempts {
		continue // the client does not hear of it: it sends it again
	}
	return answerable(ctx, err)
}

// importCall is one call of ImportPersons: one goroutine receives and sends to
// JetStream, the other answers. Between them are as many submissions as the window
// has; then the client's are not read, and HTTP/2 makes it wait.
type importCall struct {
	*Gateway

	call     contactv1connect.SubmitServiceImportPersonsServerStream
	attempts chan attempt
}

// receive begins what the client sends, to its end.
func (i *importCall) receive(ctx context.Context) error {
	request, err := i.call.Receive()
	if err == nil && request.GetResume() != nil {
		err = i.resume(ctx, request)
		if err == nil {
			request, err = i.call.Receive()
		}
	}
	for ; err == nil; request, err = i.call.Receive() {
		if request.GetResume() != nil {
			return errLateResume
		}
		if err := i.take(ctx, request.GetSubmissions()); err != nil {
			return err
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case i.isStopping():
		return stoppingRefusal()
	}
	return err
}

// take begins submissions. An error means that nobody wants to know.
func (i *importCall) take(ctx context.Context, submissions []*contactv1.SubmitPersonRequest) error {
	if err := i.await(ctx, len(submissions)); err != nil {
		return err
	}
	for _, submission := range submissions {
		if err := i.push(ctx, i.begin(ctx, submission)); err != nil {
			return err
		}
	}
	return nil
}

func (i *importCall) push(ctx context.Context, a attempt) error {
	select {
	case i.attempts <- a:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer sends results until there are no more. It ends at the first that is to be
// sent again: what follows may be stored, and its key makes sure that it is so
// once.
func (i *importCall) answer(ctx context.Context) error {
	for a := range i.attempts {
		results, again := i.finishSome(ctx, a)
		if err := i.call.Send(&contactv1.ImportPersonsResponse{Results: results}); err != nil {
			return fmt.Errorf("send results: %w", err)
		}
		if again != nil {
			return again
		}
	}
	return nil
}

// finishSome waits for one and takes with it what has landed meanwhile.
func (i *importCall) finishSome(ctx context.Context, a attempt) (results []*contactv1.SubmissionResult, again error) {
	for {
		result, err := i.finish(ctx, a)
		results = append(results, result)
		if _, retry := retryDelayOf(err); retry || ctx.Err() != nil {
			return results, err
		}
		if len(results) == maxBatch {
			return results, nil
		}
		select {
		case next, more := <-i.attempts:
			if !more {
				return results, nil
			}
			a = next
		default:
			return results, nil
		}
	}
}

type responseKey struct{}

// withResponse lets a handler interrupt its own reading.
func withResponse(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), responseKey{}, w)))
	})
}

// interruptReads makes the handler's reads of its request fail once stopping is
// closed or stop is called, which returns when that is done.
func interruptReads(ctx context.Context, stopping <-chan struct{}) (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-stopping:
		case <-over:
		}
		if w, ok := ctx.Value(responseKey{}).(http.ResponseWriter); ok {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(-time.Second))
		}
	}()
	return func() {
		close(over)
		<-done
	}
}
