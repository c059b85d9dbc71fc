package e2e

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	"rollcall/e2e/wait"
)

const importedRows = 30_000

// writeRows writes a CSV of as many rows, of which every thousandth is no person.
func writeRows(t *testing.T, path string) {
	t.Helper()

	var text strings.Builder

	text.WriteString("name,email,mobile\n")

	for n := 1; n <= importedRows; n++ {
		email := fmt.Sprintf("row-%d@example.org", n)
		if n%1000 == 0 {
			email = "nobody"
		}

		fmt.Fprintf(&text, "Row %d,%s,+49 151 %d\n", n, email, n)
	}

	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// settledLine is how far a state says that an import is.
func settledLine(t *testing.T, path string) int {
	t.Helper()

	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}

	if err != nil {
		t.Fatal(err)
	}

	var state struct {
		Line int `json:"line"`
	}

	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatalf("%v in %q", err, text)
	}

	return state.Line
}

// passWindow waits until the stream has forgotten the keys used so far, and returns
// how many persons it took.
func passWindow(t *testing.T, s *servers.Server, key string) (stored int) {
	t.Helper()

	first := clients.MustSubmit(t, s.Conn, clients.Submission(persons.Complete("window"), key)).GetSequence()

	wait.For(t, func() error {
		if again := clients.MustSubmit(t, s.Conn, clients.Submission(persons.Complete("window"), key)); again.GetSequence() == first {
			return errors.New("the key is remembered still")
		}

		return nil
	})

	return 2
}

// TestImportOverKills kills imports, and the server under one, and waits each time
// until the stream has forgotten the keys: each row is stored once all the same.
func TestImportOverKills(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	rows, state, rejects := filepath.Join(dir, "rows.csv"), filepath.Join(dir, "state.json"), filepath.Join(dir, "rejects.csv")
	writeRows(t, rows)

	running := servers.StartServe(t, "--data", data, "--duplicate-window", "100ms")
	others := 0

	run := func() *programs.Process {
		return programs.Start(t, exec.Command(programs.Rollcall(), "submit", "--server", running.URL, "--state", state, "--rejects", rejects, "--in-flight", "500", rows))
	}

	for kill := range 3 {
		imported, before := run(), settledLine(t, state)

		wait.For(t, func() error {
			if at := settledLine(t, state); at <= before && !imported.HasEnded() {
				return fmt.Errorf("the import is at line %d, where the one before was", at)
			}

			return nil
		})

		imported.Kill()

		if kill == 1 {
			running.Kill()
			running = servers.StartServe(t, "--data", data, "--duplicate-window", "100ms")
		}

		others += passWindow(t, running, fmt.Sprint("window-", kill))
	}

	last := run()
	awaitEnd(t, last, state)

	if status := last.ExitStatus(t); status != 1 { // there are rows that are refused
		t.Errorf("the last run ended with %d", status)
	}

	requireRowsOnce(t, running, others)
	requireRejects(t, rejects)
}

// awaitEnd waits for the end of an import. It may take its time on a busy machine, as
// long as it goes on.
func awaitEnd(t *testing.T, imported *programs.Process, state string) {
	t.Helper()

	for before := -1; !imported.HasEnded(); before = settledLine(t, state) {
		wait.For(t, func() error {
			if at := settledLine(t, state); at == before && !imported.HasEnded() {
				return fmt.Errorf("the import stays at line %d", at)
			}

			return nil
		})
	}
}

// requireRowsOnce checks that each row that is a person is in the stream once, beside
// so many other persons.
func requireRowsOnce(t *testing.T, s *servers.Server, others int) {
	t.Helper()

	head := clients.MustSubmit(t, s.Conn, clients.Submission(persons.Complete("last"), "")).GetSequence()

	want := importedRows - importedRows/1000 + others + 1
	if head != uint64(want) {
		t.Errorf("%d persons are stored, want %d", head, want)
	}

	printed, said, err := programs.Run(t, t.TempDir(), programs.Rollcall(), "watch", "--server", s.URL, "--all", "--count", fmt.Sprint(head), "--output", "csv")
	if err != nil || said != "" {
		t.Fatal(err, said)
	}

	records, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}

	stored := map[string]int{}
	for _, record := range records {
		stored[record[3]]++
	}

	for n := 1; n <= importedRows; n++ {
		if email := fmt.Sprintf("row-%d@example.org", n); n%1000 != 0 && stored[email] != 1 {
			t.Fatalf("row %d is stored %d times", n, stored[email])
		}
	}
}

// requireRejects checks that each row that is none is in the file of rejected rows;
// after a kill one may be there again.
func requireRejects(t *testing.T, path string) {
	t.Helper()

	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	for n := 1000; n <= importedRows; n += 1000 {
		if !strings.Contains(string(text), fmt.Sprintf("\nRow %d,nobody,+49 151 %d,\"person.email: ", n, n)) {
			t.Errorf("row %d is not among the rejected:\n%s", n, text)
		}
	}
}
