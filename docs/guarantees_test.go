package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestGuaranteesNameTestsThatExist keeps guarantees.md honest: each test that it names
// must be in the package that stands before it.
func TestGuaranteesNameTestsThatExist(t *testing.T) {
	t.Parallel()
	tests, named := testFiles(t), 0
	for line := range strings.Lines(guarantees) {
		pkg := ""
		for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			name := span[1]
			if !regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`).MatchString(name) {
				pkg = name
				continue
			}
			named++
			if !strings.Contains(tests[pkg], "func "+name+"(") {
				t.Errorf("guarantees.md names %s of the package %s, which does not exist", name, pkg)
			}
		}
	}
	if named < 50 {
		t.Errorf("guarantees.md names %d tests", named)
	}
}

// testFiles has the text of all test files of a package, by its name.
func testFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.Base(filepath.Dir(path))] += string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestPromisesAreWritten finds each promise that tests quote, in full.
func TestPromisesAreWritten(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "guarantees.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	promises := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) == 0 {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		promises++
		if len(Promise(text).String()) < len(text)+20 {
			t.Errorf("guarantees.md has no promise that begins with %q", text)
		}
		return true
	})
	if promises < 10 {
		t.Errorf("found %d promises", promises)
	}
}

func TestBrokenPromiseIsQuoted(t *testing.T) {
	t.Parallel()
	want := "event 3 after 1\nwhich breaks docs/guarantees.md: \"Ordered and unique: events come in stream order, none twice in one watch.\""
	if got := Ordered.Brokenf("event %d after %d", 3, 1).Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
