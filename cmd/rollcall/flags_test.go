package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"
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

	for _, room := range libraries {
		inspect(t, room, func(node ast.Node) {
			text, ok := node.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return
			}

			ours, _, _ := strings.Cut(text.Value, "nats stream ") // what follows are the flags of NATS's own command
			for _, flag := range word.FindAllString(ours, -1) {
				if flags[flag] {
					t.Errorf("%s: %s speaks of %s", room, text.Value, flag)
				}
			}
		})
	}
}
