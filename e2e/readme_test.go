package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
	"rollcall/e2e/wait"
)

// insideNamespace says to the test that it runs in a network of its own, where
// README's port is free.
const insideNamespace = "ROLLCALL_E2E_NAMESPACE"

func TestReadmeExamples(t *testing.T) {
	if os.Getenv(insideNamespace) == "" {
		runInNamespace(t)

		return
	}

	runExamples(t)
}

// runInNamespace runs this test again, alone, where nobody else listens.
func runInNamespace(t *testing.T) {
	t.Helper()
	programs.NeedCommand(t, "curl")
	programs.NeedCommand(t, "capnp")
	programs.NeedCommand(t, "node")
	programs.Grpcurl(t) // where there is a network

	ctx, cancel := context.WithTimeout(t.Context(), 4*wait.Patience)
	defer cancel()

	unshare := unshareNetwork(t)
	arguments := slices.Concat(unshare[1:], []string{
		"sh", "-c", `ip link set lo up && exec "$0" "$@"`,
		os.Args[0], "-test.run=^TestReadmeExamples$", "-test.v",
	})

	command := exec.CommandContext(ctx, unshare[0], arguments...)
	command.Env = append(os.Environ(), insideNamespace+"=1", programs.Built())

	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}

	if !bytes.Contains(output, []byte("--- PASS: TestReadmeExamples")) {
		t.Fatalf("it did not run:\n%s", output)
	}
}

// unshareNetwork returns the command that runs another in a network of its own.
func unshareNetwork(t *testing.T) []string {
	t.Helper()

	for _, command := range [][]string{{"unshare", "--net"}, {"unshare", "--map-root-user", "--net"}} {
		probe := exec.Command(command[0], slices.Concat(command[1:], []string{"ip", "link", "set", "lo", "up"})...)
		if probe.Run() == nil {
			return command
		}
	}

	t.Skip("README's examples need 127.0.0.1:8080 for themselves: no network namespace can be had here (unshare --net, ip link)")

	return nil
}

// runExamples does what README says under "Try it", as it is written.
func runExamples(t *testing.T) {
	t.Helper()

	dir := layOut(t)

	command := exec.Command("bin/rollcall", "serve") // as `make run` does
	command.Dir = dir
	server := &servers.Server{Process: programs.Start(t, command)}
	server.URL = server.LoggedURL(t, "listening")
	server.AwaitReady(t, http.StatusOK)

	var printed string

	blocks := tryIt(t)
	for n, block := range blocks {
		switch block.language {
		case "sh":
			printed = runShell(t, dir, block.text)
			requireShown(t, block.text, printed)

			if n == 0 {
				requireDuplicate(t, runShell(t, dir, block.text))
			}
		case "json":
			requireSameShape(t, printed, block.text)
		case "js":
			if printed := runNode(t, dir, block.text); !regexp.MustCompile(`^stored at \d+:\d+\n$`).MatchString(printed) {
				t.Errorf("fetch prints %q", printed)
			}
		default:
			t.Errorf("what is ```%s?", block.language)
		}
	}

	if len(blocks) < 8 {
		t.Errorf("only %d examples were found", len(blocks))
	}
}

// layOut makes a folder where the commands find what they would in the repository.
func layOut(t *testing.T) string {
	t.Helper()

	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o750); err != nil {
		t.Fatal(err)
	}

	for name, target := range map[string]string{
		"bin/rollcall": programs.Rollcall(),
		"bin/grpcurl":  programs.Grpcurl(t),
		"schema":       programs.Absolute(t, programs.Root+"/schema"),
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}

	t.Setenv("PATH", filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))

	return dir
}

// block is one fenced example.
type block struct{ language, text string }

// tryIt returns the examples of that section, in order.
func tryIt(t *testing.T) []block {
	t.Helper()

	_, section, found := strings.Cut(readme(t), "\n## Try it\n")
	section, _, ends := strings.Cut(section, "\n## ")

	if !found || !ends {
		t.Fatal(`README has no section "Try it"`)
	}

	var blocks []block
	for _, match := range regexp.MustCompile("(?s)\n```(\\w*)\n(.*?\n)```\n").FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, block{match[1], match[2]})
	}

	return blocks
}

func readme(t *testing.T) string {
	t.Helper()

	text, err := os.ReadFile(programs.Root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}

// runShell runs an example. The watch with a time limit fails, as README says.
func runShell(t *testing.T, dir, text string) string {
	t.Helper()

	printed, said, err := programs.Run(t, dir, "bash", "-euo", "pipefail", "-c", text)

	switch limited := strings.Contains(text, "-max-time 2"); {
	case limited && (err == nil || !strings.Contains(said, "DeadlineExceeded")):
		t.Errorf("%s\nends with %v: %s", text, err, said)
	case !limited && err != nil:
		t.Errorf("%s\nends with %v: %s%s", text, err, printed, said)
	}

	return printed
}

func runNode(t *testing.T, dir, text string) string {
	t.Helper()

	if err := os.WriteFile(filepath.Join(dir, "example.mjs"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	printed, said, err := programs.Run(t, dir, "node", "example.mjs")
	if err != nil {
		t.Errorf("%s\nends with %v: %s", text, err, said)
	}

	return printed
}

// requireShown checks what an example must print to have done what it is for.
func requireShown(t *testing.T, text, printed string) {
	t.Helper()

	for example, shown := range map[string][]string{
		`"email": "ada@example.org"`:   {`"sequence":"1"`},
		`"email": "ada"`:               {"invalid_argument", "person.email", "must be a valid email address"},
		`"email": "grace@example.org"`: {`"sequence": "3"`},
		"-max-time 2":                  {"Ada Lovelace", "Grace Hopper", "SOURCE_CONNECTED"},
		"SubmitPersons":                {`"code":"invalid_argument"`, "person.name"},
		"submit --name":                {":4\n"},
		"watch --all --count 6":        {"Ada Lovelace", "Mary Somerville", "Grace Hopper", "Katherine Johnson", "Alan Turing", "Barbara Liskov"},
		"/persons":                     {`"sequence":"11"`},
		"--state seen.json":            {"5 persons.ndjson"},
	} {
		if !strings.Contains(text, example) {
			continue
		}

		for _, want := range shown {
			if !strings.Contains(printed, want) {
				t.Errorf("%s\nprints %q, without %q", text, printed, want)
			}
		}
	}
}

// requireDuplicate checks what README says of running the first one again.
func requireDuplicate(t *testing.T, printed string) {
	t.Helper()

	if !strings.Contains(printed, `"duplicate":true`) {
		t.Errorf("the second run prints %q", printed)
	}
}

// requireSameShape compares an answer with the one in README; epochs differ.
func requireSameShape(t *testing.T, printed, text string) {
	t.Helper()

	normalised := make([]string, 0, 2)

	for _, answer := range []string{printed, text} {
		var fields map[string]any
		if err := json.Unmarshal([]byte(answer), &fields); err != nil {
			t.Fatalf("%v in %q", err, answer)
		}

		if epoch, ok := fields["epoch"].(string); !ok || !regexp.MustCompile(`^\d{19}$`).MatchString(epoch) {
			t.Errorf("epoch of %q", answer)
		}

		fields["epoch"] = "EPOCH"

		encoded, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}

		normalised = append(normalised, string(encoded))
	}

	if normalised[0] != normalised[1] {
		t.Errorf("the answer is %s; README says %s", printed, text)
	}
}

func TestReadmeCommandsAreInMakefile(t *testing.T) {
	makefile, err := os.ReadFile(programs.Root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}

	commands := regexp.MustCompile(`(?m)^ {4}make (\w+)`).FindAllStringSubmatch(readme(t), -1)
	if len(commands) < 2 {
		t.Fatalf("README begins with the commands %q", commands)
	}

	for _, command := range commands {
		if !regexp.MustCompile(`(?m)^` + command[1] + `:.*##`).Match(makefile) {
			t.Errorf("make has no target %s", command[1])
		}
	}
}
