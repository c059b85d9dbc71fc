package programs

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"testing"
	"time"

	"rollcall/e2e/wait"
)

// Jobs is a Node.js program that answers a line of JSON with a line of JSON.
type Jobs struct {
	command *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
}

// Node is a script of e2e/npm.
func Node(script string, arguments ...string) *exec.Cmd {
	return exec.Command("node", append([]string{"npm/" + script}, arguments...)...)
}

// StartJobs runs a script until the test ends.
func StartJobs(t *testing.T, command *exec.Cmd) *Jobs {
	t.Helper()
	NeedNPM(t)

	command.Stderr = t.Output()

	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}

	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	})

	return &Jobs{command, input, bufio.NewReader(output)}
}

// Do hands in a job and reads its result.
func (j *Jobs) Do(t *testing.T, job, result any) {
	t.Helper()

	if err := json.NewEncoder(j.input).Encode(job); err != nil {
		t.Fatal(err)
	}

	timer := time.AfterFunc(wait.Patience, func() { _ = j.command.Process.Kill() })
	defer timer.Stop()

	line, err := j.output.ReadBytes('\n')
	if err != nil {
		t.Fatalf("node ended: %v", err)
	}

	if err := json.Unmarshal(line, result); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
}
