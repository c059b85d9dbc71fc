package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestAFiltersMistakeIsPointedAt(t *testing.T) {
	t.Parallel()

	got := finish(t, rollcall(t, "watch", "--server", newFixture(t).url, "--filter", `person.emial == "x"`))

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
		"empty":          {empty, exitUsage, "rollcall: cannot go on from the state file " + empty + ": it is empty: give another file; or remove this one, and the watch starts anew\n"},
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

func TestWatchingAsRecords(t *testing.T) {
	t.Parallel()

	for output, want := range map[string]string{
		"csv":   "sequence,published_at,name,email,phones,birthdate\n1,1970-01-01T00:00:00Z,Ada,,,\n",
		"vcard": "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nREV:19700101T000000Z\r\nEND:VCARD\r\n",
	} {
		if got := finish(t, rollcall(t, "watch", "--server", newFixture(t).url, "--count", "1", "--output", output)); got != (result{exitFine, want, ""}) {
			t.Errorf("got %+v, want %q", got, want)
		}
	}
}

func TestWatchEndsAfterCount(t *testing.T) {
	t.Parallel()

	got := finish(t, rollcall(t, "watch", "--server", newFixture(t).url, "--count", "2", "--output", "json"))

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

			command := rollcall(t, "watch", "--server", newFixture(t).url, "--output", output)
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

	command := rollcall(t, "watch", "--server", newFixture(t).url)

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
