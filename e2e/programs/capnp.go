package programs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const schema = Root + "/schema/person.capnp"

// capnp runs the Cap'n Proto project's own compiler on one message.
func capnp(t *testing.T, input []byte, arguments ...string) []byte {
	t.Helper()
	NeedCommand(t, "capnp")

	var stderr bytes.Buffer

	command := exec.Command("capnp", append(arguments, schema, "Person")...)
	command.Stdin = bytes.NewReader(input)
	command.Stderr = &stderr

	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}

	return output
}

// CapnpDecode returns a message as the compiler writes it.
func CapnpDecode(t *testing.T, message []byte) string {
	t.Helper()

	return strings.TrimSpace(string(capnp(t, message, "decode", "--short")))
}

// CapnpEncode returns the message that the compiler makes of a text.
func CapnpEncode(t *testing.T, text string) []byte {
	t.Helper()

	return capnp(t, []byte(text), "encode")
}

// StartCapnpES runs the npm library, with the code that its own compiler makes of
// our schema.
func StartCapnpES(t *testing.T) *Jobs {
	t.Helper()
	NeedNPM(t)
	NeedCommand(t, "capnp")

	return StartJobs(t, Node("capnp.mjs", compileForES(t)))
}

func compileForES(t *testing.T) string {
	t.Helper()

	// The compiler and what it makes look for the library above the directory
	// they are in.
	dir := t.TempDir()
	if err := os.Symlink(Absolute(t, "npm/node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o600); err != nil {
		t.Fatal(err)
	}

	parsed, err := exec.Command("capnp", "compile", "-o-", "--src-prefix="+filepath.Dir(schema), schema).Output()
	if err != nil {
		t.Fatal(err)
	}

	compiler := exec.Command("node", "node_modules/capnp-es/dist/compiler/capnpc-js.mjs")
	compiler.Dir = dir
	compiler.Stdin = bytes.NewReader(parsed)

	if output, err := compiler.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}

	return filepath.Join(dir, "person.js")
}

// Absolute is a path that holds in another folder, too.
func Absolute(t *testing.T, path string) string {
	t.Helper()

	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}

	return path
}
