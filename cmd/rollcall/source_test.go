package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// commandsOf are a command and all below it.
func commandsOf(node *kong.Node) []*kong.Node {
	commands := []*kong.Node{node}
	for _, child := range node.Children {
		commands = append(commands, commandsOf(child)...)
	}

	return commands
}

// inspect looks at each node of the sources in a folder and below, without those of
// tests.
func inspect(t *testing.T, folder string, look func(node ast.Node)) {
	t.Helper()

	sources := 0

	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}

		sources++

		source, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}

		ast.Inspect(source, func(node ast.Node) bool {
			look(node)

			return true
		})

		return nil
	})
	if err != nil || sources == 0 {
		t.Fatalf("%d sources in %s, %v", sources, folder, err)
	}
}
