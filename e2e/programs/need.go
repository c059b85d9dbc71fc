package programs

import (
	"os"
	"os/exec"
	"testing"
)

// missing skips the test for want of something that `make test` installs. Where
// that ran, it is a failure: a test that never runs proves nothing.
func missing(t *testing.T, what string) {
	t.Helper()

	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: `make test` should have installed it", what)
	}

	t.Skipf("%s: `make test` installs it", what)
}

// NeedCommand skips the test, or fails it, where there is no such command.
func NeedCommand(t *testing.T, name string) {
	t.Helper()

	if _, err := exec.LookPath(name); err != nil {
		missing(t, "no "+name)
	}
}

// NeedNPM does so where there are no packages of e2e/npm.
func NeedNPM(t *testing.T) {
	t.Helper()
	NeedCommand(t, "node")

	if _, err := os.Stat("npm/node_modules/.package-lock.json"); err != nil {
		missing(t, "no npm packages in e2e/npm")
	}
}
