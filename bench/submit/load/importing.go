package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	"rollcall/bench/measure"
	"rollcall/bench/payload"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// Imports is a load of submissions in streams, as fast as the server takes them.
type Imports struct {
	Address string
	Streams int
	// Batch is how many submissions a message has.
	Batch int
}

// importing makes such a load with the client that everyone has, over HTTP/2 and in
// binary.
type importing struct {
	Imports

	transport *http.Transport
	streams   []contactv1connect.SubmitServiceImportPersonsClientStream
	running   sync.WaitGroup
	stopping  atomic.Bool
	cancel    context.CancelFunc
	// number is the last submission's that was sent, answered how many have results.
	number, answered, taken atomic.Int64

	mu     sync.Mutex
	failed int64
	cause  string
}

func newImporting(what Imports) (*importing, error) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	i := &importing{Imports: what, transport: &http.Transport{Protocols: protocols}}
	rpc := connecthttp.NewTransport(&http.Client{Transport: i.transport}, "http://"+what.Address)
	client := contactv1connect.NewSubmitServiceClient(connect.NewClient(rpc))
	ctx, cancel := context.WithCancel(context.Background())
	i.cancel = cancel
	for range what.Streams {
		if err := i.open(ctx, client); err != nil {
			cancel()
			return nil, fmt.Errorf("import: %w", err)
		}
	}
	return i, nil
}

// open opens a stream and waits for the result of its first submission: a server
// without imports says so at once.
func (i *importing) open(ctx context.Context, client contactv1connect.SubmitServiceClient) error {
	stream, err := client.ImportPersons(ctx)
	if err != nil {
		return err
	}
	one := newBatch(1)
	i.fill(one)
	if err := stream.Send(one); err != nil && !errors.Is(err, io.EOF) { // the end says more
		return err
	}
	response, err := stream.Receive()
	if err != nil {
		return err
	}
	i.count(response)
	i.streams = append(i.streams, stream)
	return nil
}

func (i *importing) start() {
	for _, stream := range i.streams {
		i.running.Go(func() { i.send(stream) })
		i.running.Go(func() { i.receive(stream) })
	}
}

// newBatch is a message of so many submissions, whose names and keys are still to be
// filled in.
func newBatch(size int) *contactv1.ImportPersonsRequest {
	request := &contactv1.ImportPersonsRequest{}
	for range size {
		request.Submissions = append(request.Submissions, &contactv1.SubmitPersonRequest{Person: payload.Person(nil)})
	}
	return request
}

func (i *importing) fill(request *contactv1.ImportPersonsRequest) {
	stamp := payload.New()[:payload.StampSize]
	for _, submission := range request.GetSubmissions() {
		payload.Stamp(stamp, uint64(i.number.Add(1)), time.Now().UnixNano()) //nolint:gosec // not negative
		submission.Person.Name, submission.IdempotencyKey = string(stamp), string(stamp)
	}
}

func (i *importing) send(stream contactv1connect.SubmitServiceImportPersonsClientStream) {
	batch := newBatch(i.Batch)
	for !i.stopping.Load() {
		i.fill(batch)
		if err := stream.Send(batch); err != nil {
			return // what ended the stream is received
		}
	}
	if err := stream.CloseSend(); err != nil {
		i.fail(1, err.Error())
	}
}

func (i *importing) receive(stream contactv1connect.SubmitServiceImportPersonsClientStream) {
	for {
		response, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			i.fail(1, err.Error())
			return
		}
		i.count(response)
	}
}

func (i *importing) count(response *contactv1.ImportPersonsResponse) {
	var taken int64
	for _, result := range response.GetResults() {
		if result.GetStored().GetSequence() > 0 && !result.GetStored().GetDuplicate() {
			taken++
		} else {
			i.fail(1, result.String())
		}
	}
	i.taken.Add(taken)
	i.answered.Add(int64(len(response.GetResults())))
}

func (i *importing) fail(n int64, cause string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.failed += n
	i.cause = cause
}

func (i *importing) counts() Counts { return Counts{OK: i.taken.Load()} }

// measure does nothing: how long a submission takes is up to the window alone.
func (i *importing) measure(bool) {}

// finish ends the streams and waits for the last results.
func (i *importing) finish(patience time.Duration) Result {
	i.stopping.Store(true)
	giveUp := time.AfterFunc(patience, i.cancel)
	i.running.Wait()
	giveUp.Stop()
	i.cancel()
	i.transport.CloseIdleConnections()
	if missing := i.number.Load() - i.answered.Load(); missing > 0 {
		i.fail(missing, "no result came")
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	none := measure.NewHistogram()
	return Result{Counts: i.counts(), Failed: i.failed, Cause: i.cause, Accepted: none, Refusals: none, Late: none, Events: none}
}
