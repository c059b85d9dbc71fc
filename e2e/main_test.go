// Package e2e tries the real binary from outside, as its users do: with clients
// nobody here wrote, and with kill.
package e2e

import (
	"os"
	"testing"

	"rollcall/e2e/programs"
)

func TestMain(m *testing.M) {
	os.Exit(programs.Main(m))
}
