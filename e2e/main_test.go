// Package e2e tries the real binary from outside, as its users do: with clients
// nobody here wrote, and with kill.
package e2e

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	if binaries = os.Getenv(builtBinaries); binaries == "" {
		dir, err := os.MkdirTemp("", "rollcall-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)

			return 1
		}
		defer os.RemoveAll(dir)

		binaries = dir
	}

	if err := buildRollcall(); err != nil {
		fmt.Fprintln(os.Stderr, err)

		return 1
	}

	return m.Run()
}
