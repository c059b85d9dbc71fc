package persontest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// Names are names and what the API's rules say of them. The dashboard's tests read the
// same file, so that one rule holds in Go and in browsers.
type Names struct {
	Accepted []Name `json:"accepted"`
	Refused  []Name `json:"refused"`
	// Invisible characters alone are no name. Controls, and what overrides the direction
	// of text, are in none.
	Invisible  Characters `json:"invisible"`
	Controls   Characters `json:"controls"`
	Directions Characters `json:"directions"`
}

// Name is a name, or what stands where one should.
type Name struct {
	// What it has that another has not.
	What string `json:"what"`
	Name string `json:"name"`
	// Rule is the id of the first one that it breaks.
	Rule string `json:"rule"`
}

// Characters are ranges of them.
type Characters []struct {
	First hexadecimal `json:"first"`
	Last  hexadecimal `json:"last"`
}

type hexadecimal rune

func (h *hexadecimal) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%x", h)
	return err
}

// Has reports whether a character is one of them.
func (c Characters) Has(char rune) bool {
	for _, r := range c {
		if rune(r.First) <= char && char <= rune(r.Last) {
			return true
		}
	}
	return false
}

// All are the characters themselves.
func (c Characters) All() (chars []rune) {
	for _, r := range c {
		for char := r.First; char <= r.Last; char++ {
			chars = append(chars, rune(char))
		}
	}
	return chars
}

// Edges are the first and the last of each range and the characters beside them.
func (c Characters) Edges() (chars []rune) {
	for _, r := range c {
		chars = append(chars, rune(max(r.First-1, 0)), rune(r.First), rune(r.Last), rune(r.Last+1))
	}
	slices.Sort(chars)
	return slices.Compact(chars)
}

// ReadNames reads the names that lie beside the API's files.
func ReadNames(tb testing.TB) Names {
	tb.Helper()
	_, here, _, known := runtime.Caller(0)
	if !known {
		tb.Fatal("nobody knows where this file is")
	}
	root := filepath.Join(filepath.Dir(here), "..", "..", "..")
	text, err := os.ReadFile(filepath.Join(root, "proto", "contact", "v1", "testdata", "names.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var names Names
	if err := json.Unmarshal(text, &names); err != nil {
		tb.Fatal(err)
	}
	return names
}
