package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// asCommand makes the test binary be the command, so that exit statuses, signals
// and pipes are the real ones.
const asCommand = "BE_ROLLCALL"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}

	os.Exit(m.Run())
}

// rollcall is the command with arguments, without the environment's ROLLCALL_….
func rollcall(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()

	command := exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Env = []string{asCommand + "=1", "COLUMNS=100", "HOME=" + t.TempDir()}

	return command
}

type result struct {
	status         int
	stdout, stderr string
}

func finish(t *testing.T, command *exec.Cmd) result {
	t.Helper()

	var stdout, stderr bytes.Buffer

	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()

	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}

	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// notAName is why Nobody is refused, with a character that a terminal would obey.
const notAName = "not a\u009bname"

// fixture is a stand-in for the server: it takes everyone but Nobody, and shows
// persons.
type fixture struct {
	contactv1connect.UnimplementedSubmitServiceHandler

	url string
	// last is the last person's sequence; by default there is no end.
	last atomic.Uint64
}

func (*fixture) SubmitPerson(_ context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	if request.GetPerson().GetName() == "Nobody" {
		return nil, connect.NewError(connect.CodeInvalidArgument, notAName)
	}

	return &contactv1.SubmitPersonResponse{Epoch: "e1", Sequence: 7, Duplicate: request.GetIdempotencyKey() == "again"}, nil
}

func (f *fixture) ImportPersons(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error {
	for {
		request, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return err
		}

		var results []*contactv1.SubmissionResult

		for _, submission := range request.GetSubmissions() {
			stored, err := f.SubmitPerson(ctx, submission)
			if err != nil {
				results = append(results, &contactv1.SubmissionResult{Result: &contactv1.SubmissionResult_Error{
					Error: &contactv1.SubmissionError{Code: "invalid_argument", Message: notAName},
				}})
			} else {
				results = append(results, &contactv1.SubmissionResult{Result: &contactv1.SubmissionResult_Stored{Stored: stored}})
			}
		}

		if err := stream.Send(&contactv1.ImportPersonsResponse{Results: results}); err != nil {
			return err
		}
	}
}

func (f *fixture) WatchPersons(ctx context.Context, request *contactv1.WatchPersonsRequest, stream contactv1connect.WatchServiceWatchPersonsServerStream) error {
	if at := strings.Index(request.GetFilter(), "emial"); at >= 0 {
		return connect.Errorf(connect.CodeInvalidArgument, "filter: column %d: undefined field 'emial'", at+1)
	}

	err := stream.Send(&contactv1.WatchPersonsResponse{Progress: &contactv1.Progress{Position: &contactv1.Position{Epoch: "e1"}}})

	for sequence := uint64(1); err == nil && ctx.Err() == nil && sequence <= f.last.Load(); sequence++ {
		err = stream.Send(&contactv1.WatchPersonsResponse{Events: []*contactv1.PersonEvent{{
			Sequence: sequence,
			Payload:  &contactv1.PersonEvent_Person{Person: &contactv1.Person{Name: "Ada"}},
		}}})
	}

	if err == nil {
		<-ctx.Done()
	}

	return err
}

func newFixture(t *testing.T) *fixture {
	t.Helper()

	f := &fixture{}
	f.last.Store(math.MaxUint64)

	rpc := connect.NewServer()
	contactv1connect.RegisterSubmitServiceHandler(rpc, f)
	contactv1connect.RegisterWatchServiceHandler(rpc, f)

	mux := http.NewServeMux()
	connecthttp.Mount(mux, rpc)

	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)

	f.url = server.URL

	return f
}
