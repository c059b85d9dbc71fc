package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// libraries are the rooms that others than the command line could use.
var libraries = []string{"../../internal", "../../gateway", "../../subscriber"}

// TestLibrariesDoNotSpeakOfFlags has each text in the libraries' code looked at for a
// flag of ours: which one gives a value is for the command to say.
func TestLibrariesDoNotSpeakOfFlags(t *testing.T) {
	t.Parallel()

	flags := map[string]bool{}

	var grammar cli
	for _, command := range commandsOf(newParser(&grammar).Model.Node) {
		for _, flag := range flagsOf(command) {
			flags["--"+flag.Name] = true
		}
	}

	word := regexp.MustCompile(`--[a-z][a-z-]*`)

	for _, text := range textsIn(t, libraries) {
		ours, _, _ := strings.Cut(text.value, "nats stream ") // what follows are the flags of NATS's own command
		for _, flag := range word.FindAllString(ours, -1) {
			if flags[flag] {
				t.Errorf("%s: %s speaks of %s", text.at, text.value, flag)
			}
		}
	}
}

// commandsOf are a command and all below it.
func commandsOf(node *kong.Node) []*kong.Node {
	commands := []*kong.Node{node}
	for _, child := range node.Children {
		commands = append(commands, commandsOf(child)...)
	}

	return commands
}

// text is a literal in a source file.
type text struct {
	at    token.Position
	value string
}

// textsIn are the literals in the folders' sources, without those of tests.
func textsIn(t *testing.T, folders []string) (texts []text) {
	t.Helper()

	files := token.NewFileSet()

	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}

			source, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}

			ast.Inspect(source, func(node ast.Node) bool {
				if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					texts = append(texts, text{files.Position(literal.Pos()), literal.Value})
				}

				return true
			})

			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	if len(texts) == 0 {
		t.Fatal("no texts found")
	}

	return texts
}
