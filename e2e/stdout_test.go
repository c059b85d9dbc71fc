package e2e

import (
	"bytes"
	"io"
	"os/exec"
	"testing"
	"time"
)

// whileRunning gives what a command prints to read, and ends the command after:
// a watch does not end by itself.
func whileRunning(t *testing.T, command *exec.Cmd, read func(io.Reader)) {
	t.Helper()

	var stderr bytes.Buffer

	command.Stderr = &stderr

	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	// One that prints nothing would hold the reader for ever.
	timer := time.AfterFunc(patience, func() { _ = command.Process.Kill() })

	defer func() {
		timer.Stop()

		_ = command.Process.Kill()
		_ = command.Wait() // it was killed

		if t.Failed() {
			t.Logf("%s said: %s", command.Path, &stderr)
		}
	}()

	read(stdout)
}
