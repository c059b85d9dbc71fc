package client

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	validatepb "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectinprocess"
	"connectrpc.com/connect/v2/connectproto"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// fixture is a server that follows a script. It stands in for the real one, which
// the end-to-end tests run, because here it has to fail on purpose and at exact
// moments.
type fixture struct {
	contactv1connect.UnimplementedSubmitServiceHandler

	t *testing.T
	// watches answers the watches in turn; the last one answers all that follow.
	watches []watchScript
	// submit answers the nth submission, from 1.
	submit func(ctx context.Context, attempt int, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error)

	// imports answers the imports in turn, the last one all that follow; without any,
	// each submission is answered by submit.
	imports []importScript

	mu            sync.Mutex
	importCalls   int
	resumes       []*contactv1.Resume
	watchRequests []*contactv1.WatchPersonsRequest
	watchTimes    []time.Time
	submissions   []*contactv1.SubmitPersonRequest
	submitTimes   []time.Time
}

// newFixture returns a server whose script the test writes into its fields.
func newFixture(t *testing.T) *fixture {
	t.Helper()

	return &fixture{t: t}
}

// importScript has the rows that have come at the nth call; what it returns ends the
// call. submit answers what it is given.
type importScript func(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error

type watchScript func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error

func (f *fixture) WatchPersons(ctx context.Context, request *contactv1.WatchPersonsRequest, stream contactv1connect.WatchServiceWatchPersonsServerStream) error {
	f.mu.Lock()
	f.watchRequests = append(f.watchRequests, request)
	f.watchTimes = append(f.watchTimes, time.Now())
	script := f.watches[min(len(f.watchRequests), len(f.watches))-1]
	f.mu.Unlock()

	return script(ctx, func(response *contactv1.WatchPersonsResponse) { _ = stream.Send(response) })
}

func (f *fixture) SubmitPerson(ctx context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	f.mu.Lock()
	f.submissions = append(f.submissions, request)
	f.submitTimes = append(f.submitTimes, time.Now())
	attempt := len(f.submissions)
	f.mu.Unlock()

	return f.submit(ctx, attempt, request)
}

func (f *fixture) ImportPersons(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error {
	f.mu.Lock()
	f.importCalls++
	script := f.answerAll

	if len(f.imports) > 0 {
		script = f.imports[min(len(f.imports), f.importCalls)-1]
	}
	f.mu.Unlock()

	return script(ctx, stream)
}

func (f *fixture) answerAll(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error {
	return f.answer(ctx, stream, math.MaxInt)
}

// answer answers so many submissions, or all.
func (f *fixture) answer(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream, most int) error {
	for most > 0 {
		request, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return err
		}

		if request.GetResume() != nil {
			f.mu.Lock()
			f.resumes = append(f.resumes, request.GetResume())
			f.mu.Unlock()
		}

		results := f.results(ctx, request.GetSubmissions())
		results = results[:min(len(results), most)]
		most -= len(results)

		if len(results) > 0 {
			if err := stream.Send(&contactv1.ImportPersonsResponse{Results: results}); err != nil {
				return err
			}
		}
	}

	return nil
}

func (f *fixture) SubmitPersons(ctx context.Context, request *contactv1.SubmitPersonsRequest) (*contactv1.SubmitPersonsResponse, error) {
	return &contactv1.SubmitPersonsResponse{Results: f.results(ctx, request.GetSubmissions())}, nil
}

func (f *fixture) results(ctx context.Context, submissions []*contactv1.SubmitPersonRequest) (results []*contactv1.SubmissionResult) {
	for _, submission := range submissions {
		stored, err := f.SubmitPerson(ctx, submission)
		if err != nil {
			results = append(results, &contactv1.SubmissionResult{Result: &contactv1.SubmissionResult_Error{Error: resultError(err)}})
		} else {
			results = append(results, &contactv1.SubmissionResult{Result: &contactv1.SubmissionResult_Stored{Stored: stored}})
		}
	}

	return results
}

// resultError is an error as the server puts it into a result.
func resultError(err error) *contactv1.SubmissionError {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return &contactv1.SubmissionError{Code: connect.CodeUnknown.String(), Message: err.Error()}
	}

	failed := &contactv1.SubmissionError{Code: rpc.Code().String(), Message: rpc.Message()}

	for violations := range details[*validatepb.Violations](rpc) {
		failed.Violations = violations.GetViolations()
	}

	for info := range details[*errdetails.RetryInfo](rpc) {
		failed.RetryDelay = info.GetRetryDelay()
	}

	return failed
}

func (f *fixture) rpc() *connect.Server {
	server := connect.NewServer()
	contactv1connect.RegisterWatchServiceHandler(server, f)
	contactv1connect.RegisterSubmitServiceHandler(server, f)

	return server
}

// listen serves the script on a real listener and connects to it.
func (f *fixture) listen(protocol Protocol) *connect.Client {
	f.t.Helper()

	mux := http.NewServeMux()
	connecthttp.Mount(mux, f.rpc())

	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	f.t.Cleanup(server.Close)

	connection, err := Connect(Options{Server: server.URL, Protocol: protocol, HTTP2: true})
	if err != nil {
		f.t.Fatal(err)
	}

	f.t.Cleanup(connection.Close)

	return connection.RPC
}

// direct calls the script without a network, so that synctest's clock can run.
func (f *fixture) direct() *connect.Client {
	return connect.NewClient(connectinprocess.New(f.rpc()))
}

// cut breaks the connection in mid-stream.
func cut() error { panic(http.ErrAbortHandler) }

func stayOpen(ctx context.Context) error {
	<-ctx.Done()

	return ctx.Err()
}

func progress(epoch string, sequence uint64) *contactv1.WatchPersonsResponse {
	return &contactv1.WatchPersonsResponse{Progress: &contactv1.Progress{
		Position: &contactv1.Position{Epoch: epoch, Sequence: sequence},
		Head:     sequence,
		Source:   contactv1.Source_SOURCE_CONNECTED,
	}}
}

func events(sequences ...uint64) *contactv1.WatchPersonsResponse {
	response := &contactv1.WatchPersonsResponse{}
	for _, sequence := range sequences {
		response.Events = append(response.Events, personEvent(sequence, &contactv1.Person{Name: "Ada", Email: "ada@example.org"}))
	}

	return response
}

func personEvent(sequence uint64, person *contactv1.Person) *contactv1.PersonEvent {
	return &contactv1.PersonEvent{
		Sequence:    sequence,
		PublishedAt: timestamppb.New(time.Date(2026, 5, 17, 8, 0, 0, 0, time.UTC)),
		Payload:     &contactv1.PersonEvent_Person{Person: person},
	}
}

func gap(first, last uint64, reason contactv1.GapReason) *contactv1.WatchPersonsResponse {
	return &contactv1.WatchPersonsResponse{Gaps: []*contactv1.Gap{{First: first, Last: last, Reason: reason}}}
}

// failing is an error with details, as the server makes them.
func failing(t *testing.T, code connect.Code, details ...proto.Message) error {
	t.Helper()

	failure := connect.NewError(code, "scripted")

	for _, message := range details {
		detail, err := connectproto.NewErrorDetail(message)
		if err != nil {
			t.Fatal(err)
		}

		failure = failure.WithDetail(detail)
	}

	return failure
}

func retryIn(wait time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(wait)}
}
