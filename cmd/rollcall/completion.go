package main

import (
	"embed"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// The scripts hand the words so far to `rollcall __complete` and offer the lines
// it prints, or files where it prints none. What there is to complete is thus
// known from the grammar alone.
//
//go:embed completion
var completionScripts embed.FS

// completionCmd prints a shell's script.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"One of ${enum}."`
}

// Help is the longer part of --help.
func (*completionCmd) Help() string {
	return `Load the script in the shell's start-up file to keep it.

` + examples(
		`source <(rollcall completion bash)`,
		`source <(rollcall completion zsh)`,
		`rollcall completion fish | source`,
	)
}

// Run prints the script.
func (c *completionCmd) Run() error {
	script, err := completionScripts.ReadFile("completion/rollcall." + c.Shell)
	if err != nil {
		return fmt.Errorf("reading the script for %s: %w", c.Shell, err)
	}

	if _, err := os.Stdout.Write(script); err != nil {
		return fmt.Errorf("printing: %w", err)
	}

	return nil
}

// completeCmd prints what the last of the words can become, one a line.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words after rollcall, to the cursor; the last may be empty."`
}

// Run prints the completions.
func (c *completeCmd) Run(parser *kong.Kong) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}

	for _, completion := range completions(parser.Model.Node, words) {
		if _, err := fmt.Fprintln(os.Stdout, completion); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
	}

	return nil
}

// completions walks the grammar along the words and returns what the last can
// become, sorted; nothing where a file or free text is due.
func completions(root *kong.Node, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}

	node, before, last := root, words[:len(words)-1], words[len(words)-1]
	for _, word := range before {
		if command := findCommand(node, word); command != nil {
			node = command
		}
	}

	if flag, value, given := valueDue(node, before, last); given {
		return startingWith(enumOf(flag.Value), value)
	}

	if strings.HasPrefix(last, "-") {
		return startingWith(flagNames(node), last)
	}

	return startingWith(append(commandNames(node), argumentValues(node)...), last)
}

// valueDue reports whether the last word is a flag's value: after `--flag`, or
// after `--flag =`, as bash cuts words.
func valueDue(node *kong.Node, before []string, last string) (*kong.Flag, string, bool) {
	if last == "=" {
		last = ""
	} else if len(before) > 0 && before[len(before)-1] == "=" {
		before = before[:len(before)-1]
	}

	if len(before) == 0 {
		return nil, "", false
	}

	for _, flag := range flagsOf(node) {
		if before[len(before)-1] == "--"+flag.Name && !flag.IsBool() {
			return flag, last, true
		}
	}

	return nil, "", false
}

func findCommand(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name {
			return child
		}
	}

	return nil
}

func commandNames(node *kong.Node) []string {
	var names []string

	for _, child := range node.Children {
		if !child.Hidden {
			names = append(names, child.Name)
		}
	}

	return names
}

func argumentValues(node *kong.Node) []string {
	values := make([]string, 0, len(node.Positional))
	for _, argument := range node.Positional {
		values = append(values, enumOf(argument)...)
	}

	return values
}

func flagsOf(node *kong.Node) []*kong.Flag {
	return slices.Concat(node.AllFlags(true)...)
}

func flagNames(node *kong.Node) []string {
	flags := flagsOf(node)
	names := make([]string, 0, len(flags))

	for _, flag := range flags {
		names = append(names, "--"+flag.Name)
	}

	return names
}

func enumOf(value *kong.Value) []string {
	if value.Enum == "" {
		return nil
	}

	return strings.Split(value.Enum, ",")
}

func startingWith(candidates []string, prefix string) []string {
	candidates = slices.DeleteFunc(candidates, func(candidate string) bool {
		return !strings.HasPrefix(candidate, prefix)
	})
	slices.Sort(candidates)

	return candidates
}
