// Package programs builds, finds and runs the programs that the end-to-end tests are
// made of.
package programs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Root is the repository, as the tests of e2e see it.
const Root = ".."

// builtBinaries names a folder where others have built: a test that runs itself
// again, elsewhere, has no reason to build twice.
const builtBinaries = "ROLLCALL_E2E_BINARIES"

// binaries is where what the tests build lies until they end.
var binaries string

// Main builds rollcall, runs the tests, and returns their exit status.
func Main(m *testing.M) int {
	if binaries = os.Getenv(builtBinaries); binaries == "" {
		dir, err := os.MkdirTemp("", "rollcall-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)

			return 1
		}
		defer os.RemoveAll(dir)

		binaries = dir
	}

	if _, err := build(Root, "./cmd/rollcall", "rollcall", "-race"); err != nil {
		fmt.Fprintln(os.Stderr, err)

		return 1
	}

	return m.Run()
}

// Built is the environment of a test that runs itself again, elsewhere.
func Built() string { return builtBinaries + "=" + binaries }

// Rollcall is the binary under test.
func Rollcall() string { return filepath.Join(binaries, "rollcall") }

// NATS is a server of its own.
func NATS(t *testing.T) string {
	t.Helper()

	return tool(t, buildNATS)
}

// Grpcurl is the one of the tools' module.
func Grpcurl(t *testing.T) string {
	t.Helper()

	return tool(t, buildGrpcurl)
}

// build builds a package as it is pinned by the module in dir.
func build(dir, pkg, name string, flags ...string) (string, error) {
	path := filepath.Join(binaries, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}

	arguments := append([]string{"build", "-o", path}, flags...)

	command := exec.Command("go", append(arguments, pkg)...)
	command.Dir = dir

	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, output)
	}

	return path, nil
}

var buildNATS = sync.OnceValues(func() (string, error) {
	return build(Root, "github.com/nats-io/nats-server/v2", "nats-server")
})

var buildGrpcurl = sync.OnceValues(func() (string, error) {
	return build(filepath.Join(Root, "tools"), "github.com/fullstorydev/grpcurl/cmd/grpcurl", "grpcurl")
})

// tool returns what a builder built.
func tool(t *testing.T, builder func() (string, error)) string {
	t.Helper()

	path, err := builder()
	if err != nil {
		t.Fatal(err)
	}

	return path
}
