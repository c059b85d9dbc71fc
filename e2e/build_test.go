package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// root is the repository, as tests see it.
const root = ".."

// builtBinaries names a folder where others have built: a test that runs itself
// again, elsewhere, has no reason to build twice.
const builtBinaries = "ROLLCALL_E2E_BINARIES"

var (
	// binaries is where what the tests build lies until they end.
	binaries string
	// rollcall is the binary under test.
	rollcall string
)

func buildRollcall() (err error) {
	rollcall, err = build(root, "./cmd/rollcall", "rollcall", "-race")

	return err
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
	return build(root, "github.com/nats-io/nats-server/v2", "nats-server")
})

var buildGrpcurl = sync.OnceValues(func() (string, error) {
	return build(filepath.Join(root, "tools"), "github.com/fullstorydev/grpcurl/cmd/grpcurl", "grpcurl")
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
