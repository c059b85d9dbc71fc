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

// scripted is a server that follows a script. It stands in for the real one, which
// the end-to-end tests run, because here it has to fail on purpose and at exact
// moments.
type scripted struct {
	contactv1connect.UnimplementedSubmitServiceHandler

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

// importScript has the rows that have come at the nth call; what it returns ends the
// call. submit answers what it is given.
type importScript func(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error

type watchScript func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error

func (s *scripted) WatchPersons(ctx context.Context, request *contactv1.WatchPersonsRequest, stream contactv1connect.WatchServiceWatchPersonsServerStream) error {
	s.mu.Lock()
	s.watchRequests = append(s.watchRequests, request)
	s.watchTimes = append(s.watchTimes, time.Now())
	script := s.watches[min(len(s.watchRequests), len(s.watches))-1]
	s.mu.Unlock()

	return script(ctx, func(response *contactv1.WatchPersonsResponse) { _ = stream.Send(response) })
}

func (s *scripted) SubmitPerson(ctx context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	s.mu.Lock()
	s.submissions = append(s.submissions, request)
	s.submitTimes = append(s.submitTimes, time.Now())
	attempt := len(s.submissions)
	s.mu.Unlock()

	return s.submit(ctx, attempt, request)
}

func (s *scripted) ImportPersons(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error {
	s.mu.Lock()
	s.importCalls++
	script := s.answerAll

	if len(s.imports) > 0 {
		script = s.imports[min(len(s.imports), s.importCalls)-1]
	}
	s.mu.Unlock()

	return script(ctx, stream)
}

func (s *scripted) answerAll(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error {
	return s.answer(ctx, stream, math.MaxInt)
}

// answer answers so many submissions, or all.
func (s *scripted) answer(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream, most int) error {
	for most > 0 {
		request, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return err
		}

		if request.GetResume() != nil {
			s.mu.Lock()
			s.resumes = append(s.resumes, request.GetResume())
			s.mu.Unlock()
		}

		results := s.results(ctx, request.GetSubmissions())
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

func (s *scripted) SubmitPersons(ctx context.Context, request *contactv1.SubmitPersonsRequest) (*contactv1.SubmitPersonsResponse, error) {
	return &contactv1.SubmitPersonsResponse{Results: s.results(ctx, request.GetSubmissions())}, nil
}

func (s *scripted) results(ctx context.Context, submissions []*contactv1.SubmitPersonRequest) (results []*contactv1.SubmissionResult) {
	for _, submission := range submissions {
		stored, err := s.SubmitPerson(ctx, submission)
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

func (s *scripted) rpc() *connect.Server {
	server := connect.NewServer()
	contactv1connect.RegisterWatchServiceHandler(server, s)
	contactv1connect.RegisterSubmitServiceHandler(server, s)

	return server
}

// listen serves the script on a real listener and connects to it.
func (s *scripted) listen(t *testing.T, protocol Protocol) *connect.Client {
	t.Helper()

	mux := http.NewServeMux()
	connecthttp.Mount(mux, s.rpc())

	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)

	connection, err := Connect(Options{Server: server.URL, Protocol: protocol, HTTP2: true})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(connection.Close)

	return connection.RPC
}

// direct calls the script without a network, so that synctest's clock can run.
func (s *scripted) direct() *connect.Client {
	return connect.NewClient(connectinprocess.New(s.rpc()))
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
