package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/e2e/clients"
	"rollcall/e2e/persons"
	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	"rollcall/e2e/traffic"
	"rollcall/e2e/wait"
	contactv1 "rollcall/gen/contact/v1"
)

// stateful is `rollcall watch --state`, started again and again, each time with an
// output of its own.
type stateful struct {
	server, dir string
	arguments   []string
	runs        int
}

// run starts the watch once more.
func (s *stateful) run(t *testing.T) (watch *programs.Process, output string) {
	t.Helper()

	s.runs++
	output = filepath.Join(s.dir, fmt.Sprintf("output-%d", s.runs))

	file, err := os.Create(output)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	arguments := []string{"watch", "--server", s.server, "--output", "json", "--state", s.path()}
	command := exec.Command(programs.Rollcall(), slices.Concat(arguments, s.arguments)...)
	command.Stdout = file

	return programs.Start(t, command), output
}

func (s *stateful) path() string { return filepath.Join(s.dir, "state.json") }

// saved is the sequence in the state file; 0 if there is none yet.
func (s *stateful) saved(t *testing.T) uint64 {
	t.Helper()

	text, err := os.ReadFile(s.path())
	if os.IsNotExist(err) {
		return 0
	}

	if err != nil {
		t.Fatal(err)
	}

	var state struct {
		Position string `json:"position"`
	}

	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatalf("%v in %q", err, text)
	}

	var sequence uint64

	_, after, _ := strings.Cut(state.Position, ":")
	if _, err := fmt.Sscan(after, &sequence); err != nil {
		t.Fatalf("%v in %q", err, text)
	}

	return sequence
}

// sequences are those of the events in an output. One that was cut off by a kill
// does not count as shown.
func sequences(t *testing.T, output string) []uint64 {
	t.Helper()

	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}

	var found []uint64

	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			continue
		}

		found = append(found, clients.FromJSON(t, line, new(contactv1.PersonEvent)).GetSequence())
	}

	return found
}

func awaitShown(t *testing.T, output string, more int) {
	t.Helper()
	wait.For(t, func() error {
		if got := len(sequences(t, output)); got < more {
			return fmt.Errorf("%d events are shown, not yet %d", got, more)
		}

		return nil
	})
}

func awaitLast(t *testing.T, output string, last uint64) {
	t.Helper()
	wait.For(t, func() error {
		if shown := sequences(t, output); len(shown) == 0 || shown[len(shown)-1] != last {
			return fmt.Errorf("%d events are shown, and not yet %d", len(shown), last)
		}

		return nil
	})
}

// requireEvery checks that the sequences are first to last, each once.
func requireEvery(t *testing.T, shown []uint64, first, last uint64) {
	t.Helper()

	for i, sequence := range shown {
		if want := first + uint64(i); sequence != want {
			t.Fatalf("%d is shown where %d is due", sequence, want)
		}
	}

	if got := first + uint64(len(shown)) - 1; got != last {
		t.Fatalf("shown up to %d, want %d", got, last)
	}
}

func TestStateOverKills(t *testing.T) {
	running := servers.StartServe(t, "--data", t.TempDir())
	server := new(traffic.Current)
	server.Conn.Store(running.Conn)

	importer := traffic.StartImporter(t.Context(), server)
	watches := &stateful{server: running.URL, dir: t.TempDir(), arguments: []string{"--all"}}
	next, again := uint64(1), 0 // the first sequence that was never shown

	for range crashes {
		from := watches.saved(t) + 1
		watch, output := watches.run(t)
		awaitShown(t, output, 50)
		time.Sleep(time.Duration(watches.runs%3) * 400 * time.Millisecond) // before and after a save
		watch.Kill()

		shown := sequences(t, output)
		requireEvery(t, shown, from, from+uint64(len(shown))-1)

		if from > next {
			t.Fatalf("goes on at %d; %d was never shown", from, next)
		}

		again += int(next - from)
		next = from + uint64(len(shown))

		if saved := watches.saved(t); saved >= next {
			t.Fatalf("%d is saved, and shown is only what comes before %d", saved, next)
		}
	}

	importer.AwaitMore(t, acksBeforeKill)
	importer.Stop(t)

	last := clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete("last"), "")).GetSequence()
	from := watches.saved(t) + 1
	_, output := watches.run(t)
	awaitLast(t, output, last)
	requireEvery(t, sequences(t, output), from, last)

	t.Logf("%d events over %d kills, %d of them shown again", last, crashes, again)
}

func TestStateOverOrderlyStops(t *testing.T) {
	running := servers.StartServe(t, "--data", t.TempDir())
	server := new(traffic.Current)
	server.Conn.Store(running.Conn)

	importer := traffic.StartImporter(t.Context(), server)
	watches := &stateful{server: running.URL, dir: t.TempDir(), arguments: []string{"--all"}}

	var shown []uint64

	for n := range crashes {
		watch, output := watches.run(t)
		awaitShown(t, output, 20)

		if n%2 == 0 {
			watch.Terminate()
		} else {
			watch.Interrupt()
		}

		if status := watch.ExitStatus(t); status != 0 {
			t.Fatalf("exit status %d", status)
		}

		shown = append(shown, sequences(t, output)...)
	}

	importer.Stop(t)

	last := clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete("last"), "")).GetSequence()
	_, output := watches.run(t)
	awaitLast(t, output, last)
	requireEvery(t, append(shown, sequences(t, output)...), 1, last)
}

// TestStateOverACountAndAnEmptyStart ends watches by --count, and starts one
// before there is anything to show.
func TestStateOverACountAndAnEmptyStart(t *testing.T) {
	running := servers.StartServe(t, "--data", t.TempDir())
	watches := &stateful{server: running.URL, dir: t.TempDir()}

	watch, output := watches.run(t)
	wait.For(t, func() error {
		_, err := os.Stat(watches.path())

		return err
	})
	watch.Terminate()

	if status := watch.ExitStatus(t); status != 0 || len(sequences(t, output)) > 0 {
		t.Fatalf("exit status %d, %d events", status, len(sequences(t, output)))
	}

	for n := range 5 {
		clients.MustSubmit(t, running.Conn, clients.Submission(persons.Complete(fmt.Sprint(n)), ""))
	}

	var shown []uint64

	watches.arguments = []string{"--count", "2"}

	for range 2 {
		watch, output := watches.run(t)
		if status := watch.ExitStatus(t); status != 0 {
			t.Fatalf("exit status %d", status)
		}

		shown = append(shown, sequences(t, output)...)
	}

	requireEvery(t, shown, 1, 4)
}

func TestStateThatIsNotThisWatchs(t *testing.T) {
	running := servers.StartServe(t, "--data", t.TempDir())
	watches := &stateful{server: running.URL, dir: t.TempDir()}

	first, _ := watches.run(t)
	wait.For(t, func() error {
		_, err := os.Stat(watches.path())

		return err
	})

	second, _ := watches.run(t)
	second.Line(t, func(line string) bool { return strings.Contains(line, "is in use by another watch") })

	if status := second.ExitStatus(t); status != 1 {
		t.Errorf("in use: exit status %d, want 1", status)
	}

	first.Terminate()
	first.ExitStatus(t)

	watches.arguments = []string{"--filter", "true"}
	filtered, _ := watches.run(t)
	filtered.Line(t, func(line string) bool {
		return strings.Contains(line, "belongs to a watch without a filter, and this one is with the filter 'true'")
	})

	if status := filtered.ExitStatus(t); status != 2 {
		t.Errorf("another filter: exit status %d, want 2", status)
	}

	if err := os.Truncate(watches.path(), 0); err != nil {
		t.Fatal(err)
	}

	watches.arguments = nil
	empty, _ := watches.run(t)
	empty.Line(t, func(line string) bool { return strings.Contains(line, "it is empty") })

	if status := empty.ExitStatus(t); status != 2 {
		t.Errorf("empty: exit status %d, want 2", status)
	}
}
