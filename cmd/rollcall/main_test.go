package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

// stand is a stand-in for the server: it takes everyone but Nobody, and shows
// persons without end.
type stand struct {
	contactv1connect.UnimplementedSubmitServiceHandler
}

func (stand) SubmitPerson(_ context.Context, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, error) {
	if request.GetPerson().GetName() == "Nobody" {
		return nil, connect.NewError(connect.CodeInvalidArgument, notAName)
	}

	return &contactv1.SubmitPersonResponse{Epoch: "e1", Sequence: 7, Duplicate: request.GetIdempotencyKey() == "again"}, nil
}

func (s stand) ImportPersons(ctx context.Context, stream contactv1connect.SubmitServiceImportPersonsServerStream) error {
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
			stored, err := s.SubmitPerson(ctx, submission)
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

func (stand) WatchPersons(ctx context.Context, request *contactv1.WatchPersonsRequest, stream contactv1connect.WatchServiceWatchPersonsServerStream) error {
	if at := strings.Index(request.GetFilter(), "emial"); at >= 0 {
		return connect.Errorf(connect.CodeInvalidArgument, "filter: column %d: undefined field 'emial'", at+1)
	}

	err := stream.Send(&contactv1.WatchPersonsResponse{Progress: &contactv1.Progress{Position: &contactv1.Position{Epoch: "e1"}}})

	for sequence := uint64(1); err == nil && ctx.Err() == nil; sequence++ {
		err = stream.Send(&contactv1.WatchPersonsResponse{Events: []*contactv1.PersonEvent{{
			Sequence: sequence,
			Payload:  &contactv1.PersonEvent_Person{Person: &contactv1.Person{Name: "Ada"}},
		}}})
	}

	return err
}

func standIn(t *testing.T) string {
	t.Helper()

	rpc := connect.NewServer()
	contactv1connect.RegisterSubmitServiceHandler(rpc, stand{})
	contactv1connect.RegisterWatchServiceHandler(rpc, stand{})

	mux := http.NewServeMux()
	connecthttp.Mount(mux, rpc)

	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)

	return server.URL
}

func TestHelpShowsExamplesAndEnvironment(t *testing.T) {
	t.Parallel()

	for name, variables := range map[string][]string{
		"serve":      {"ROLLCALL_LISTEN"},
		"gateway":    {"ROLLCALL_LISTEN"},
		"subscriber": {"ROLLCALL_LISTEN"},
		"new-epoch":  {"ROLLCALL_NATS", "ROLLCALL_DATA", "ROLLCALL_YES"},
		"submit":     {"ROLLCALL_SERVER", "ROLLCALL_NAME", "ROLLCALL_IN_FLIGHT", "ROLLCALL_RETRY_FOR", "ROLLCALL_SUBMIT_OUTPUT"},
		"watch":      {"ROLLCALL_SERVER", "ROLLCALL_LAST", "ROLLCALL_STATE", "ROLLCALL_CONNECT_TIMEOUT", "ROLLCALL_WATCH_OUTPUT"},
		"version":    {"ROLLCALL_VERSION_OUTPUT"},
		"completion": {"ROLLCALL_LOG_LEVEL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := finish(t, rollcall(t, name, "--help"))
			if got.status != exitFine || got.stderr != "" {
				t.Fatalf("status %d, stderr %q", got.status, got.stderr)
			}

			if count := strings.Count(got.stdout, "rollcall "+name); count < 4 {
				t.Errorf("%d lines with rollcall %s, want the usage and three examples:\n%s", count, name, got.stdout)
			}

			for _, variable := range variables {
				if !strings.Contains(got.stdout, "$"+variable) {
					t.Errorf("no %s in:\n%s", variable, got.stdout)
				}
			}
		})
	}
}

func TestHelpStatesTheExitStatuses(t *testing.T) {
	t.Parallel()

	got := finish(t, rollcall(t, "--help"))
	if !strings.Contains(strings.Join(strings.Fields(got.stdout), " "), "Exit status: 0 fine, 1 failure, 2 wrong usage") {
		t.Errorf("got:\n%s", got.stdout)
	}
}

func TestExitStatusAndTheOneLineOfAFailure(t *testing.T) {
	t.Parallel()

	server := standIn(t)

	for name, test := range map[string]struct {
		args   []string
		env    string
		status int
		stderr string
	}{
		"no command":                    {args: nil, status: exitUsage, stderr: "expected one of"},
		"unknown command":               {args: []string{"frob"}, status: exitUsage, stderr: "frob"},
		"unknown flag":                  {args: []string{"watch", "--nope"}, status: exitUsage, stderr: "unknown flag --nope (see rollcall watch --help)"},
		"two starts":                    {args: []string{"watch", "--all", "--last", "3"}, status: exitUsage, stderr: "can't be used together"},
		"two starts, one by env":        {args: []string{"watch", "--all"}, env: "ROLLCALL_LAST=3", status: exitUsage, stderr: "can't be used together"},
		"wrong value by env":            {args: []string{"watch"}, env: "ROLLCALL_COUNT=many", status: exitUsage, stderr: "ROLLCALL_COUNT"},
		"wrong position":                {args: []string{"watch", "--after", "7"}, status: exitUsage, stderr: "--after"},
		"wrong server":                  {args: []string{"watch", "--server", "localhost"}, status: exitUsage, stderr: "is not a URL"},
		"nothing to submit":             {args: []string{"submit"}, status: exitUsage, stderr: "nothing to submit"},
		"wrong phone":                   {args: []string{"submit", "--name", "Ada", "--phone", "fax:1"}, status: exitUsage, stderr: "fax"},
		"access to the embedded server": {args: []string{"serve", "--nats-creds", os.Args[0]}, status: exitUsage, stderr: "--nats-creds is for the server given by --nats"},
		"a key for the embedded server": {args: []string{"serve"}, env: "ROLLCALL_NATS_KEY=" + os.Args[0], status: exitUsage, stderr: "--nats-key is for the server given by --nats"},
		"certificate without key":       {args: []string{"gateway", "--nats", "nats://127.0.0.1:1", "--nats-cert", os.Args[0]}, status: exitUsage, stderr: "--nats-cert needs --nats-key"},
		"key without certificate":       {args: []string{"subscriber", "--nats", "nats://127.0.0.1:1", "--nats-key", os.Args[0]}, status: exitUsage, stderr: "--nats-key needs --nats-cert"},
		"new epoch of nothing":          {args: []string{"new-epoch"}, status: exitUsage, stderr: "--nats"},
		"new epoch of both":             {args: []string{"new-epoch", "--nats", "x", "--data", "."}, status: exitUsage, stderr: "can't be used together"},
		"new epoch of an empty folder":  {args: []string{"new-epoch", "--data", "."}, status: exitUsage, stderr: "rollcall serve has kept nothing there"},
		"no such file":                  {args: []string{"submit", "no-such.ndjson"}, status: exitFailure, stderr: "no-such.ndjson"},
		"refused person":                {args: []string{"submit", "--server", server, "--name", "Nobody"}, status: exitFailure, stderr: "not a�name (INVALID_ARGUMENT)"},
		"server away":                   {args: []string{"submit", "--server", "http://127.0.0.1:1", "--retry-for", "0s", "--name", "Ada"}, status: exitFailure, stderr: "--key "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			command := rollcall(t, test.args...)
			command.Env = append(command.Env, test.env)
			got := finish(t, command)

			if got.status != test.status || got.stdout != "" {
				t.Errorf("status %d, stdout %q; want %d and nothing", got.status, got.stdout, test.status)
			}

			if !strings.HasPrefix(got.stderr, "rollcall: ") || strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("stderr %q, want one line with %q", got.stderr, test.stderr)
			}
		})
	}
}

func TestAFiltersMistakeIsPointedAt(t *testing.T) {
	t.Parallel()

	got := finish(t, rollcall(t, "watch", "--server", standIn(t), "--filter", `person.emial == "x"`))

	want := result{exitFailure, "", `rollcall: watching: filter: column 8: undefined field 'emial' (INVALID_ARGUMENT)
    person.emial == "x"
           ^
`}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAStateIsCheckedBeforeAnythingIsDialled(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()

	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	for name, test := range map[string]struct {
		path   string
		status int
		stderr string
	}{
		"empty":          {empty, exitUsage, "rollcall: unfit state file " + empty + ": it is empty: give another file; or remove this one, and the watch starts anew\n"},
		"no such folder": {filepath.Join(dir, "no", "state"), exitFailure, "rollcall: state file " + filepath.Join(dir, "no", "state") + ": open the lock: open " + filepath.Join(dir, "no", "state.lock") + ": no such file or directory\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := finish(t, rollcall(t, "watch", "--server", "http://127.0.0.1:1", "--state", test.path))
			if want := (result{test.status, "", test.stderr}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestSubmittingOnePerson(t *testing.T) {
	t.Parallel()

	server := standIn(t)

	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"stored":    {nil, "e1:7\n"},
		"duplicate": {[]string{"--key", "again"}, "e1:7 (duplicate)\n"},
		"as JSON":   {[]string{"--output", "json"}, `{"epoch":"e1","sequence":"7"}` + "\n"},
		"over gRPC-Web": {
			[]string{"--protocol", "grpcweb", "--phone", "mobile:+49 151 1", "--phone", "110", "--birthdate", "1990-05-17"}, "e1:7\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			args := append([]string{"submit", "--name", "Ada", "--email", "ada@example.org"}, test.args...)
			command := rollcall(t, args...)
			command.Env = append(command.Env, "ROLLCALL_SERVER="+server, "ROLLCALL_WATCH_OUTPUT=table")

			if got := finish(t, command); got != (result{exitFine, test.want, ""}) {
				t.Errorf("got %+v, want %q", got, test.want)
			}
		})
	}
}

func TestImporting(t *testing.T) {
	t.Parallel()

	server := standIn(t)
	good := `{"name":"Ada","email":"ada@example.org"}` + "\n"

	for name, test := range map[string]struct {
		text   string
		status int
		stderr []string
	}{
		"all fine": {good + good, exitFine, []string{"stored 2, duplicates 0, refused 0 in "}},
		"one refused": {
			good + `{"name":"Nobody"}` + "\n" + good, exitFailure,
			[]string{"line 2: not a�name (INVALID_ARGUMENT)", "stored 2, duplicates 0, refused 1 in ", "rollcall: 1 of 3 persons were refused"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			file := filepath.Join(t.TempDir(), "persons.ndjson")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}

			fromFile := rollcall(t, "submit", "--server", server, file)
			fromInput := rollcall(t, "submit", "--server", server, "-")
			fromInput.Stdin = strings.NewReader(test.text)

			for _, command := range []*exec.Cmd{fromFile, fromInput} {
				got := finish(t, command)
				lines := strings.Split(strings.TrimSuffix(got.stderr, "\n"), "\n")

				if got.status != test.status || got.stdout != "" || len(lines) != len(test.stderr) {
					t.Fatalf("got %+v, want status %d and lines %q", got, test.status, test.stderr)
				}

				for i, want := range test.stderr {
					if !strings.HasPrefix(lines[i], want) {
						t.Errorf("line %q, want %q", lines[i], want)
					}
				}
			}
		})
	}
}

// TestImportingAFile goes through what the flags of an import do, on files.
func TestImportingAFile(t *testing.T) {
	t.Parallel()

	server := standIn(t)

	for name, test := range map[string]struct {
		file, text string
		args       []string
		status     int
		stderr     string
		// rejects is what is in the file of rejected rows, if one is asked for.
		rejects string
	}{
		"CSV by its extension": {"p.csv", "name,email\nAda,a@example.org\n", nil, exitFine, "stored 1, ", ""},
		"vCard by its extension": {
			"p.vcf", "BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Nobody\nEND:VCARD\n",
			[]string{"--rejects", "r.vcf"},
			exitFailure, "line 5: not a�name (INVALID_ARGUMENT)\nstored 1, ",
			"BEGIN:VCARD\nVERSION:4.0\nFN:Nobody\nX-ROLLCALL-REJECTED:not a�name (INVALID_ARGUMENT)\r\nEND:VCARD\r\n",
		},
		"by --format": {
			"p.txt", "name,email\nNobody,a\nAda\n",
			[]string{"--format", "csv", "--rejects", "r.csv"},
			exitFailure,
			"line 2: not a�name (INVALID_ARGUMENT)\nline 3: 1 columns, where the header has 2\nstored 0, ",
			"name,email,rejected\nNobody,a,\"not a�name (INVALID_ARGUMENT)\"\nAda,\"1 columns, where the header has 2\"\n",
		},
		"mapped": {
			"p.csv", "Who;Mail=;x\nAda;a;1\n", []string{"--map", "Who=name", "--map", "Mail==email", "--map", "*=-"}, exitFine, "stored 1, ", "",
		},
		"a header not understood": {"p.csv", "name,nick\n", nil, exitUsage, "rollcall: p.csv: column \"nick\" is not understood", ""},
		"a mapping without a field": {
			"p.csv", "name,email\n", []string{"--map", "x"}, exitUsage, "rollcall: p.csv: --map \"x\" is not COLUMN=FIELD", "",
		},
		"a mapping for no CSV":  {"p.vcf", "", []string{"--map", "x=name"}, exitUsage, "rollcall: --map is for CSV", ""},
		"a window too wide":     {"p.vcf", "", []string{"--in-flight", "4097"}, exitUsage, "rollcall: --in-flight 4097 is not between 1 and 4096", ""},
		"an ID with a space":    {"p.vcf", "", []string{"--import-id", "a b"}, exitUsage, "rollcall: --import-id \"a b\" is not", ""},
		"rejects that is there": {"p.vcf", "", []string{"--rejects", "p.vcf"}, exitUsage, "rollcall: --rejects ", ""},
		"no such file":          {"", "", nil, exitFailure, "rollcall: opening the file to import: ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			folder := t.TempDir()
			if test.file != "" {
				if err := os.WriteFile(filepath.Join(folder, test.file), []byte(test.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			command := rollcall(t, append([]string{"submit", "--server", server, cmp.Or(test.file, "nothing")}, test.args...)...)
			command.Dir = folder

			got := finish(t, command)
			if got.status != test.status || got.stdout != "" || !strings.HasPrefix(got.stderr, test.stderr) {
				t.Errorf("got %+v, want %d and %q", got, test.status, test.stderr)
			}

			if at := slices.Index(test.args, "--rejects"); at >= 0 && test.rejects != "" {
				written, err := os.ReadFile(filepath.Join(folder, test.args[at+1]))
				if err != nil || string(written) != test.rejects {
					t.Errorf("got %q, %v; want %q", written, err, test.rejects)
				}
			}
		})
	}
}

func TestAFinishedImportIsNotImportedAgain(t *testing.T) {
	t.Parallel()

	server, folder := standIn(t), t.TempDir()
	file := filepath.Join(folder, "p.ndjson")

	run := func(text string, args ...string) result {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}

		return finish(t, rollcall(t, append([]string{"submit", "--server", server, "--state", filepath.Join(folder, "state.json")}, args...)...))
	}

	if got := run("{}\n", file); got.status != exitFine || !strings.HasPrefix(got.stderr, "stored 1, ") {
		t.Errorf("got %+v", got)
	}

	if got := run("{}\n", file); got.status != exitFine || !strings.Contains(got.stderr, "is imported already") {
		t.Errorf("again: got %+v", got)
	}

	if got := run("{} \n", file); got.status != exitUsage || !strings.Contains(got.stderr, "the file to import has changed") {
		t.Errorf("changed: got %+v", got)
	}

	if got := run("", "-"); got.status != exitUsage || !strings.Contains(got.stderr, "needs --import-id") {
		t.Errorf("standard input: got %+v", got)
	}
}

func TestWatchingAsRecords(t *testing.T) {
	t.Parallel()

	for output, want := range map[string]string{
		"csv":   "sequence,published_at,name,email,phones,birthdate\n1,1970-01-01T00:00:00Z,Ada,,,\n",
		"vcard": "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nREV:19700101T000000Z\r\nEND:VCARD\r\n",
	} {
		if got := finish(t, rollcall(t, "watch", "--server", standIn(t), "--count", "1", "--output", output)); got != (result{exitFine, want, ""}) {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
}

func TestWatchEndsAfterCount(t *testing.T) {
	t.Parallel()

	got := finish(t, rollcall(t, "watch", "--server", standIn(t), "--count", "2", "--output", "json"))

	want := result{exitFine, `{"sequence":"1","person":{"name":"Ada"}}` + "\n" + `{"sequence":"2","person":{"name":"Ada"}}` + "\n", ""}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWatchEndsQuietlyWhenItsReaderDoes(t *testing.T) {
	t.Parallel()

	for _, output := range []string{"table", "json"} {
		t.Run(output, func(t *testing.T) {
			t.Parallel()

			var stderr bytes.Buffer

			command := rollcall(t, "watch", "--server", standIn(t), "--output", output)
			command.Stderr = &stderr

			stdout, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}

			if err := command.Start(); err != nil {
				t.Fatal(err)
			}

			if _, err := stdout.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}

			_ = stdout.Close()

			if err := command.Wait(); err != nil || stderr.Len() != 0 {
				t.Errorf("ended with %v and %q, want status 0 and nothing", err, stderr.String())
			}
		})
	}
}

func TestInterruptingAWatchIsNoFailure(t *testing.T) {
	t.Parallel()

	command := rollcall(t, "watch", "--server", standIn(t))

	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	if _, err := stdout.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}

	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}

	var rest bytes.Buffer
	if _, err := rest.ReadFrom(stdout); err != nil {
		t.Fatal(err)
	}

	if err := command.Wait(); err != nil {
		t.Errorf("ended with %v, want status 0", err)
	}
}

func TestVersionIsOneLine(t *testing.T) {
	t.Parallel()

	for _, args := range [][]string{{"version"}, {"version", "--output", "json"}} {
		got := finish(t, rollcall(t, args...))
		if got.status != exitFine || strings.Count(got.stdout, "\n") != 1 || !strings.Contains(got.stdout, "go1.") {
			t.Errorf("%v: got %+v", args, got)
		}
	}
}
