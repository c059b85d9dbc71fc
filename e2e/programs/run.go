package programs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"testing"
	"time"

	"rollcall/e2e/wait"
)

// Run runs a command to its end and returns what it printed, and what it said on
// standard error.
func Run(t *testing.T, dir, name string, arguments ...string) (printed, said string, err error) {
	t.Helper()

	ctx, cancel := context.WithTimeout(t.Context(), wait.Patience)
	defer cancel()

	var stdout, stderr bytes.Buffer

	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir, command.Stdout, command.Stderr = dir, &stdout, &stderr
	command.WaitDelay = time.Second // for what it may have started
	err = command.Run()

	return stdout.String(), stderr.String(), errors.Join(err, ctx.Err())
}

// WhileRunning gives what a command prints to read, and ends the command after:
// a watch does not end by itself.
func WhileRunning(t *testing.T, command *exec.Cmd, read func(io.Reader)) {
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
	timer := time.AfterFunc(wait.Patience, func() { _ = command.Process.Kill() })

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
