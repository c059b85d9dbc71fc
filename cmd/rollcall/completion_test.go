package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCompletions(t *testing.T) {
	t.Parallel()

	for line, want := range map[string][]string{
		"":                      {"completion", "gateway", "new-epoch", "serve", "submit", "subscriber", "version", "watch"},
		"su":                    {"submit", "subscriber"},
		"watch --out":           {"--output"},
		"watch --output ":       {"csv", "json", "table", "vcard"},
		"watch --output = j":    {"json"},
		"watch --output =":      {"csv", "json", "table", "vcard"},
		"submit --output t":     {"text"},
		"watch --protocol grpc": {"grpc", "grpcweb"},
		"watch --all --pro":     {"--progress", "--protocol"},
		"completion ":           {"bash", "fish", "zsh"},
		"submit ":               nil,
		"watch --server ":       nil,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()

			var grammar cli

			got := completions(newParser(&grammar).Model.Node, strings.Split(line, " "))
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestBashCompletes presses no keys, but runs the script as bash would.
func TestBashCompletes(t *testing.T) {
	t.Parallel()

	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}

	script := finish(t, rollcall(t, "completion", "bash")).stdout
	link := filepath.Join(t.TempDir(), "rollcall")

	executable, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}

	if err := os.Symlink(executable, link); err != nil {
		t.Fatal(err)
	}

	shell := exec.CommandContext(t.Context(), bash, "-c", script+`
COMP_WORDS=("$0" watch --output ""); COMP_CWORD=3
_rollcall
echo "${COMPREPLY[@]}"`, link)
	shell.Env = []string{asCommand + "=1"}

	got, err := shell.CombinedOutput()
	if err != nil || string(got) != "csv json table vcard\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
