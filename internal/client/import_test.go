package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	validatepb "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/format"
	"rollcall/internal/statefile"
)

type importStreamOfServer = contactv1connect.SubmitServiceImportPersonsServerStream

// newImport imports lines of JSON; refused has what is said of them.
func newImport(t *testing.T, rpc *connect.Client, text string) (imported *Import, refused *[]string) {
	t.Helper()

	rows, err := format.NewReader(strings.NewReader(text), format.NDJSON, nil)
	if err != nil {
		t.Fatal(err)
	}

	refused = &[]string{}

	return &Import{
		Client:   contactv1connect.NewSubmitServiceClient(rpc),
		Rows:     rows,
		ID:       "import-1",
		Window:   4,
		RetryFor: time.Second,
		Notice:   func(string) {},
		Refused: func(row format.Row, why string) error {
			*refused = append(*refused, fmt.Sprintf("line %d: %s", row.Line, why))

			return nil
		},
	}, refused
}

func persons(n int) string {
	return strings.Repeat("{\"name\":\"Ada\"}\n", n)
}

// numbered stores everyone, the nth submission at sequence n.
func numbered(_ context.Context, attempt int, _ *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	return &contactv1.SubmitPersonResponse{Epoch: "e1", Sequence: uint64(attempt)}, nil
}

func (f *fixture) keys() (keys []string) {
	f.mu.Lock()
	defer f.mu.Unlock()

	for _, submission := range f.submissions {
		keys = append(keys, submission.GetIdempotencyKey())
	}

	return keys
}

func violation(message string, fields ...string) *validatepb.Violation {
	path := &validatepb.FieldPath{}
	for _, field := range fields {
		path.Elements = append(path.Elements, &validatepb.FieldPathElement{FieldName: new(field)})
	}

	return &validatepb.Violation{Field: path, Message: new(message)}
}

func TestAnImportGoesOnPastRefusedLines(t *testing.T) {
	t.Parallel()

	invalid := failing(t, connect.CodeInvalidArgument, &validatepb.Violations{Violations: []*validatepb.Violation{
		violation("must be a valid email address", "person", "email"),
		violation("must not be blank", "person", "name"),
	}})
	server := newFixture(t)
	server.submit = func(_ context.Context, _ int, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
		switch request.GetPerson().GetName() {
		case "bad":
			return nil, invalid
		case "used":
			return nil, connect.NewError(connect.CodeAlreadyExists, "another person")
		case "again":
			return &contactv1.SubmitPersonResponse{Duplicate: true}, nil
		default:
			return &contactv1.SubmitPersonResponse{}, nil
		}
	}

	imported, refused := newImport(t, server.listen(ProtocolConnect), strings.Join([]string{
		`{"name":"Ada"}`, ``, `{"name":"bad"}`, `{"nme":"Ada"}`, `{"name":"again"}`, `{"name":"used"}`, `{"name":"Bea"}`, `[]`,
	}, "\n"))

	summary, err := imported.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	wantLines(t, *refused, []string{
		"line 3: person.email: must be a valid email address; person.name: must not be blank",
		`line 4: nme: unknown field "nme": Person has name, email, phones, birthdate`,
		"line 6: another person (ALREADY_EXISTS)",
		"line 8: not a JSON object",
	})

	summary.Took = 1200 * time.Millisecond
	if got, want := summary.String(), "stored 2, duplicates 1, refused 4 in 1.2 s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	wantLines(t, server.keys(), []string{"import-1-1", "import-1-3", "import-1-5", "import-1-6", "import-1-7"})
}

func TestAnImportOfNothingButRefusedLinesEnds(t *testing.T) {
	t.Parallel()

	server := newFixture(t)
	server.submit = numbered

	imported, refused := newImport(t, server.listen(ProtocolConnect), strings.Repeat("[]\n", 100))

	summary, err := imported.Run(t.Context())
	if err != nil || summary.Refused != 100 || len(*refused) != 100 {
		t.Errorf("got %v, %v", summary, err)
	}
}

func TestAnImportKeepsABoundedNumberOnTheirWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The server answers nothing until everybody waits for it.
		most := 0
		server := newFixture(t)
		server.submit = numbered
		server.imports = []importScript{func(ctx context.Context, stream importStreamOfServer) error {
			for {
				var came []*contactv1.SubmitPersonRequest

				arrived := make(chan error)

				go func() {
					request, err := stream.Receive()
					came = request.GetSubmissions()
					arrived <- err
				}()

				if err := <-arrived; err != nil {
					return nil //nolint:nilerr // the end
				}

				most = max(most, len(came))

				if err := stream.Send(&contactv1.ImportPersonsResponse{Results: server.results(ctx, came)}); err != nil {
					return err
				}
			}
		}}
		imported, _ := newImport(t, server.direct(), persons(20))

		summary, err := imported.Run(t.Context())
		if err != nil || summary.Stored != 20 {
			t.Errorf("got %v, %v", summary, err)
		}

		if most == 0 || most > 4 {
			t.Errorf("%d at once, want 4 at most", most)
		}
	})
}

func TestAnImportStopsWhereEveryLineWouldFail(t *testing.T) {
	t.Parallel()

	server := newFixture(t)
	server.submit = func(context.Context, int, *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
		return nil, connect.NewError(connect.CodePermissionDenied, "no")
	}
	imported, _ := newImport(t, server.listen(ProtocolConnect), persons(1000))

	summary, err := imported.Run(t.Context())
	if err == nil || Explain(err) != "no (PERMISSION_DENIED)" {
		t.Errorf("got %v", err)
	}

	if summary.Rows() != 0 || summary.Unsettled == 0 {
		t.Errorf("got %v, want it to stop at the first", summary)
	}
}

// TestAnImportIsSentAgainFromTheFirstRowWithoutAnAnswer breaks off in every way that
// is worth another attempt.
func TestAnImportIsSentAgainFromTheFirstRowWithoutAnAnswer(t *testing.T) {
	t.Parallel()

	full := failing(t, connect.CodeResourceExhausted, retryIn(time.Millisecond))

	for name, end := range map[string]func(s *fixture, ctx context.Context, stream importStreamOfServer) error{
		"cut":                     func(*fixture, context.Context, importStreamOfServer) error { return cut() },
		"an end without a reason": func(*fixture, context.Context, importStreamOfServer) error { return nil },
		"an error of the call": func(*fixture, context.Context, importStreamOfServer) error {
			return connect.NewError(connect.CodeUnavailable, "stopping")
		},
		"a result to be sent again": func(_ *fixture, _ context.Context, stream importStreamOfServer) error {
			return stream.Send(&contactv1.ImportPersonsResponse{Results: []*contactv1.SubmissionResult{
				{Result: &contactv1.SubmissionResult_Error{Error: resultError(full)}},
			}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := newFixture(t)
			server.submit = numbered
			server.imports = []importScript{
				func(ctx context.Context, stream importStreamOfServer) error {
					if err := server.answer(ctx, stream, 3); err != nil {
						return err
					}

					return end(server, ctx, stream)
				},
				server.answerAll,
			}

			imported, _ := newImport(t, server.listen(ProtocolConnect), persons(10))
			imported.Window = 8

			summary, err := imported.Run(t.Context())
			if err != nil || summary.Stored != 10 || server.importCalls != 2 || len(server.resumes) != 0 {
				t.Errorf("got %v, %v after %d calls with %v", summary, err, server.importCalls, server.resumes)
			}

			again := slices.Index(server.keys()[1:], "import-1-4")
			if again < 0 || server.keys()[len(server.keys())-1] != "import-1-10" {
				t.Errorf("got %q", server.keys())
			}
		})
	}
}

func TestAnImportThatHearsNothingTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newFixture(t)
		server.submit = numbered
		server.imports = []importScript{
			func(ctx context.Context, _ importStreamOfServer) error { return stayOpen(ctx) },
			server.answerAll,
		}

		imported, _ := newImport(t, server.direct(), persons(3))
		imported.RetryFor = time.Minute

		summary, err := imported.Run(t.Context())
		if err != nil || summary.Stored != 3 {
			t.Errorf("got %v, %v", summary, err)
		}
	})
}

// newImportWithoutHTTP2 imports to a server that speaks HTTP/1.1 alone.
func newImportWithoutHTTP2(t *testing.T, server *fixture, text string) *Import {
	t.Helper()

	mux := http.NewServeMux()
	connecthttp.Mount(mux, server.rpc())

	listening := httptest.NewServer(mux)
	t.Cleanup(listening.Close)

	http2, err := Connect(Options{Server: listening.URL, HTTP2: true})
	if err != nil {
		t.Fatal(err)
	}

	plain, err := Connect(Options{Server: listening.URL})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(http2.Close)
	t.Cleanup(plain.Close)

	imported, _ := newImport(t, http2.RPC, text)
	imported.Batches = contactv1connect.NewSubmitServiceClient(plain.RPC)

	return imported
}

func TestAnImportWithoutHTTP2GoesInBatches(t *testing.T) {
	t.Parallel()

	server := newFixture(t)
	server.submit = numbered

	imported := newImportWithoutHTTP2(t, server, persons(1000))
	imported.Window = 100

	var notices []string

	imported.Notice = func(line string) { notices = append(notices, line) }

	summary, err := imported.Run(t.Context())
	if err != nil || summary.Stored != 1000 {
		t.Errorf("got %v, %v", summary, err)
	}

	wantLines(t, notices, []string{"HTTP/2 does not get through to the server: importing in batches, which is slower"})
}

func TestAnImportThatGoesOnNeedsHTTP2(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")

	state := newState(t, path)
	if err := errors.Join(state.Begin(&contactv1.Position{Epoch: "e1"}), state.Close()); err != nil {
		t.Fatal(err)
	}

	server := newFixture(t)
	server.submit = numbered

	imported := newImportWithoutHTTP2(t, server, persons(2))
	imported.State = newState(t, path)

	if summary, err := imported.Run(t.Context()); !errors.Is(err, ErrHTTP2Required) || len(server.keys()) > 0 {
		t.Errorf("got %v, %v and %q were sent", summary, err, server.keys())
	}
}

func newState(t *testing.T, path string) *statefile.Import {
	t.Helper()

	state, err := statefile.OpenImport(path, "import-1")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = state.Close() })

	return state
}

func TestAnImportGoesOnWhereItsStateIs(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "state.json")
	text := persons(2) + "[]\n" + persons(7)
	server := newFixture(t)
	server.submit = numbered

	state := newState(t, path)
	if state.GoesOn() || state.Begin(&contactv1.Position{Epoch: "e1"}) != nil {
		t.Fatal("a new state goes on")
	}

	// The first run ends after five answers.
	server.imports = []importScript{func(ctx context.Context, stream importStreamOfServer) error {
		if err := server.answer(ctx, stream, 5); err != nil {
			return err
		}

		return connect.NewError(connect.CodePermissionDenied, "no")
	}}

	imported, refused := newImport(t, server.listen(ProtocolConnect), text)
	imported.State = state

	summary, err := imported.Run(t.Context())
	if err == nil || summary.Stored != 5 || len(*refused) != 1 {
		t.Fatalf("got %v, %v", summary, err)
	}

	if err := state.Close(); err != nil {
		t.Fatal(err)
	}

	// The second asks for those that may be stored, after the last it knows of.
	again := newFixture(t)
	again.submit = numbered
	state = newState(t, path)

	imported, refused = newImport(t, again.listen(ProtocolConnect), text)
	imported.State = state

	summary, err = imported.Run(t.Context())
	if err != nil || !state.GoesOn() || summary.Skipped != 6 || summary.Stored != 4 || len(*refused) != 0 {
		t.Fatalf("got %v, %v", summary, err)
	}

	wantLines(t, again.keys(), []string{"import-1-7", "import-1-8", "import-1-9", "import-1-10"})

	if len(again.resumes) != 1 || again.resumes[0].GetSubmissions() != 4 || again.resumes[0].GetAfter().GetEpoch() != "e1" ||
		again.resumes[0].GetAfter().GetSequence() > 5 {
		t.Errorf("asked for %v", again.resumes)
	}

	if err := state.Close(); err != nil {
		t.Fatal(err)
	}

	if !newState(t, path).Done() {
		t.Error("the import is not done")
	}
}

// TestAnImportAfterALongPauseAsksWhatIsStored has the server away for longer than
// keys are kept.
func TestAnImportAfterALongPauseAsksWhatIsStored(t *testing.T) {
	t.Parallel()

	for name, known := range map[string]bool{"a position is known": true, "none is": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newFixture(t)
				server.submit = numbered
				began := time.Now()
				server.imports = []importScript{func(ctx context.Context, stream importStreamOfServer) error {
					if known && server.importCalls == 1 {
						if err := server.answer(ctx, stream, 6); err != nil {
							return err
						}
					}

					if time.Since(began) < 2*keysKept {
						return connect.NewError(connect.CodeUnavailable, "away")
					}

					return server.answerAll(ctx, stream)
				}}

				imported, _ := newImport(t, server.direct(), persons(10))
				imported.RetryFor = time.Hour

				summary, err := imported.Run(t.Context())

				switch {
				case known && (err != nil || summary.Stored != 10 || len(server.resumes) != 1 || server.resumes[0].GetSubmissions() == 0):
					t.Errorf("got %v, %v after %v", summary, err, server.resumes)
				case !known && !errors.Is(err, errNoPosition):
					t.Errorf("got %v, %v", summary, err)
				}
			})
		})
	}
}
