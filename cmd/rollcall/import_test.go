package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestImporting(t *testing.T) {
	t.Parallel()

	server := newFixture(t).url
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

	server := newFixture(t).url

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
		"a header not understood": {
			"p.csv", "name,nick\n", nil, exitUsage,
			"rollcall: p.csv: column \"nick\" is not understood: say which of -, birthdate, email, family, given, home, mobile, name, phone, phones, work it is; - leaves it out (--map 'nick=FIELD', or --map '*=-' for all such)\n", "",
		},
		"a header without a name": {"p.csv", "email\n", nil, exitUsage, "rollcall: p.csv: no column is the name: say which (--map 'COLUMN=name')\n", ""},
		"a column mapped to nothing known": {
			"p.csv", "name,email\n", []string{"--map", "name=nam"}, exitUsage, "rollcall: p.csv: column \"name\" can't be \"nam\": ", "",
		},
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

	server, folder := newFixture(t).url, t.TempDir()
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
