package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const base = `@0xa1b2c3d4e5f60718;
struct Person {
  name @0 :Text;
  age @1 :UInt16 = 7;
  kind @2 :Kind;
  tags @3 :List(Text);
  union { none @4 :Void; mail @5 :Text; }
  home :group { street @6 :Text; }
  note @7 :Text;
  enum Kind { friend @0; colleague @1; }
}
const limit :UInt32 = 3;
`

func TestCompatibleChangesPass(t *testing.T) {
	t.Parallel()
	needCapnp(t)

	for name, newer := range map[string]string{
		"nothing":         base,
		"a comment":       edit(t, "name @0 :Text;", "name @0 :Text; # as written"),
		"order in source": edit(t, "name @0 :Text;\n  age @1 :UInt16 = 7;", "age @1 :UInt16 = 7;\n  name @0 :Text;"),
		"field at end":    edit(t, "  enum Kind", "  city @8 :Text; born @9 :Int64;\n  enum Kind"),
		"union member":    edit(t, "mail @5 :Text;", "mail @5 :Text; phone @8 :Text;"),
		"group member":    edit(t, "street @6 :Text;", "street @6 :Text; city @8 :Text;"),
		"enumerant":       edit(t, "colleague @1;", "colleague @1; enemy @2;"),
		"a new struct":    base + "struct Other { x @0 :Int8; }\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if out, err := check(t, base, newer); err != nil || out != "" {
				t.Fatalf("refused: %v\n%s", err, out)
			}
		})
	}
}

func TestIncompatibleChangesAreNamed(t *testing.T) {
	t.Parallel()
	needCapnp(t)

	for name, tc := range map[string]struct {
		newer string
		want  []string
	}{
		"field removed": {
			edit(t, "  note @7 :Text;\n", ""),
			[]string{"Person.note: @7 is gone", "Put it back"},
		},
		"group removed": {
			edit(t, "  home :group { street @6 :Text; }", "  street @6 :Text;"),
			[]string{"Person.home: this group is gone", "Put it back"},
		},
		"field renamed": {
			edit(t, "name @0", "fullName @0"),
			[]string{"Person.name: @0 is called fullName now", "Keep the name"},
		},
		"fields renumbered": {
			edit(t, "name @0 :Text;\n  age @1", "name @1 :Text;\n  age @0"),
			[]string{"Person.name: was @0 and is @1 now", "Person.age: was @1 and is @0 now"},
		},
		"type": {
			edit(t, "age @1 :UInt16", "age @1 :UInt32"),
			[]string{"Person.age: was Uint16 and is Uint32 now", "add a field under the next ordinal"},
		},
		"type within a list": {
			edit(t, "List(Text)", "List(Data)"),
			[]string{"Person.tags: was List(Text) and is List(Data) now"},
		},
		"type to an enum": {
			edit(t, "age @1 :UInt16 = 7", "age @1 :Kind"),
			[]string{"Person.age: was Uint16 and is Person.Kind now"},
		},
		"default": {
			edit(t, "= 7", "= 8"),
			[]string{"Person.age: has another default now"},
		},
		"into the union": {
			edit(t, "  tags @3 :List(Text);\n  union {", "  union { tags @3 :List(Text);"),
			[]string{"Person.tags: went into a union"},
		},
		"out of the union": {
			edit(t, "union { none @4 :Void; mail @5 :Text; }", "mail @5 :Text;\n  union { none @4 :Void; x @8 :Text; }"),
			[]string{"Person.mail: went into a union, out of one"},
		},
		"enumerants swapped": {
			edit(t, "friend @0; colleague @1;", "friend @1; colleague @0;"),
			[]string{"Person.Kind.friend: was @0, which is colleague now"},
		},
		"enumerant removed": {
			edit(t, " colleague @1;", ""),
			[]string{"Person.Kind.colleague: was @1, which is gone now"},
		},
		"enumerant renamed": {
			edit(t, "colleague", "workmate"),
			[]string{"Person.Kind.colleague: was @1, which is workmate now"},
		},
		"struct renamed": {
			edit(t, "struct Person", "struct Human"),
			[]string{"Person: @0x", "is gone"},
		},
		"struct renamed, its id kept": {
			strings.Replace(withID, "struct Person", "struct Human", 1),
			[]string{"Person: is called Human now"},
		},
		"struct made an enum, its id kept": {
			strings.Replace(withID, "struct Person @0xdb0d7a1f1a6d1a01 { name @0 :Text; }",
				"enum Person @0xdb0d7a1f1a6d1a01 { name @0; }", 1),
			[]string{"Person: was struct and is enum now"},
		},
		"the file's id": {
			edit(t, "0xa1b2c3d4e5f60718", "0xa1b2c3d4e5f60719"),
			[]string{"Person: @0x", "its file got another id"},
		},
		"const": {
			edit(t, "UInt32 = 3", "UInt32 = 4"),
			[]string{"limit: this const changed"},
		},
		"file removed": {
			"",
			[]string{"Person: @0x", "Person.Kind: @0x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			older := base
			if strings.Contains(tc.newer, "0xdb0d7a1f1a6d1a01") {
				older = withID
			}

			out, err := check(t, older, tc.newer)
			if !errors.Is(err, errBreaking) {
				t.Fatalf("not refused: %v\n%s", err, out)
			}

			for _, want := range tc.want {
				if !strings.Contains(out, want) {
					t.Errorf("not said: %q in\n%s", want, out)
				}
			}
		})
	}
}

func TestSchemaThatDoesNotCompileIsAnError(t *testing.T) {
	t.Parallel()
	needCapnp(t)

	_, err := check(t, base, edit(t, "name @0", "name @9"))
	if err == nil || errors.Is(err, errBreaking) {
		t.Fatalf("got %v", err)
	}
}

const withID = "@0xa1b2c3d4e5f60718;\nstruct Person @0xdb0d7a1f1a6d1a01 { name @0 :Text; }\n"

func needCapnp(t *testing.T) {
	t.Helper()

	if _, err := exec.LookPath("capnp"); err != nil {
		t.Skip("the Cap'n Proto compiler (capnp) is not installed")
	}
}

// edit is base with one thing in it said otherwise.
func edit(t *testing.T, older, newer string) string {
	t.Helper()

	if !strings.Contains(base, older) {
		t.Fatalf("%q is not in the base schema", older)
	}

	return strings.Replace(base, older, newer, 1)
}

// check runs the whole command on two folders with a schema each.
func check(t *testing.T, older, newer string) (string, error) {
	t.Helper()

	dirs := []string{t.TempDir(), t.TempDir()}

	for i, text := range []string{older, newer} {
		if text == "" {
			continue
		}

		if err := os.WriteFile(filepath.Join(dirs[i], "a.capnp"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	var out bytes.Buffer

	err := run(t.Context(), dirs, &out)

	return out.String(), err
}
