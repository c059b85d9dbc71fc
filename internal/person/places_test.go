package person_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root      = "../.."
	listOfAll = "docs/adding-a-field.md"
	anyOfThem = "birthdate" // a field that all places name
)

// place is a row of the list: a file, what in it knows the fields, and the tests that
// fail where it does not.
type place struct {
	file  string
	names []string
	tests []string
}

// TestPlacesOfAFieldAreListed holds docs/adding-a-field.md to the tree, both ways.
func TestPlacesOfAFieldAreListed(t *testing.T) {
	t.Parallel()
	places := listedPlaces(t)
	tests := testsInTree(t)
	var files []string
	for _, place := range places {
		files = append(files, place.file)
		source, err := os.ReadFile(filepath.Join(root, place.file))
		if err != nil {
			t.Errorf("%s lists %s: %v", listOfAll, place.file, err)
			continue
		}
		for _, name := range place.names {
			if !hasWord(string(source), name) {
				t.Errorf("%s says that %s has %s: it has not", listOfAll, place.file, name)
			}
		}
		for _, test := range place.tests {
			if !slices.Contains(tests, test) {
				t.Errorf("%s names the test %s: there is none", listOfAll, test)
			}
		}
	}
	for _, file := range filesThatKnowFields(t) {
		if !slices.Contains(files, file) {
			t.Errorf("%s knows the fields of a person: list it in %s", file, listOfAll)
		}
	}
}

// listedPlaces reads the list's tables.
func listedPlaces(t *testing.T) (places []place) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, listOfAll))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|") // the first and the last are what is beside the table
		if len(cells) != 5 {
			continue
		}
		if code := inCode(cells[1]); len(code) > 0 {
			places = append(places, place{file: code[0], names: code[1:], tests: inCode(cells[3])})
		}
	}
	if len(places) < 10 {
		t.Fatalf("%s has %d places: is it a table still?", listOfAll, len(places))
	}
	return places
}

func inCode(text string) (code []string) {
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		code = append(code, match[1])
	}
	return code
}

func hasWord(text, word string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(text)
}

// testsInTree are the names of Go's tests and the paths of TypeScript's.
func testsInTree(t *testing.T) (tests []string) {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for path, source := range sources(t) {
		switch {
		case strings.HasSuffix(path, ".test.ts"):
			tests = append(tests, path)
		case strings.HasSuffix(path, "_test.go"):
			for _, match := range declared.FindAllStringSubmatch(source, -1) {
				tests = append(tests, match[1])
			}
		}
	}
	return tests
}

// filesThatKnowFields are the product's sources that name one of the fields, but for
// remarks.
func filesThatKnowFields(t *testing.T) (files []string) {
	t.Helper()
	remarks := regexp.MustCompile(`(?m)(//|#).*$`)
	for path, source := range sources(t) {
		isTest := strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".test.ts")
		if !isTest && strings.Contains(strings.ToLower(remarks.ReplaceAllString(source, "")), anyOfThem) {
			files = append(files, path)
		}
	}
	slices.Sort(files)
	return files
}

// sources are the texts of all that is written by hand, by their paths.
func sources(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, room := range []string{"proto", "schema", "gateway", "subscriber", "internal", "cmd", "web/src"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "gen" {
				return filepath.SkipDir
			}
			if !slices.Contains([]string{".go", ".ts", ".tsx", ".proto", ".capnp"}, filepath.Ext(path)) {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			path, err = filepath.Rel(root, path)
			found[filepath.ToSlash(path)] = string(source)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}
