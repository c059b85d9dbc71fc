package programs

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"rollcall/e2e/wait"
)

// Process is a server that a test has started, and that ends with the test.
type Process struct {
	command *exec.Cmd
	ended   chan struct{}

	mu    sync.Mutex
	lines []string
}

// Start runs a command, and ends it with the test if the test has not.
func Start(t *testing.T, command *exec.Cmd) *Process {
	t.Helper()

	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}

	command.Stderr = writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	writer.Close()

	p := &Process{command: command, ended: make(chan struct{})}
	go p.follow(reader)

	t.Cleanup(func() {
		p.Kill()
		p.report(t)
	})

	return p
}

// follow reads what the process says until it has ended.
func (p *Process) follow(stderr io.ReadCloser) {
	defer close(p.ended)
	defer stderr.Close()

	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		p.mu.Lock()
		p.lines = append(p.lines, lines.Text())
		p.mu.Unlock()
	}

	_ = p.command.Wait() // its status is in ProcessState
}

// report fails the test on a data race in the process, and shows what it said if
// the test has failed.
func (p *Process) report(t *testing.T) {
	t.Helper()

	said := strings.Join(p.Said(), "\n")
	if strings.Contains(said, "DATA RACE") {
		t.Error("data race in the process")
	}

	if t.Failed() {
		t.Logf("%s said:\n%s", strings.Join(p.command.Args, " "), said)
	}
}

// Said are the lines that it wrote to standard error so far.
func (p *Process) Said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()

	return append([]string(nil), p.lines...)
}

// Line waits for a line on standard error and returns it.
func (p *Process) Line(t *testing.T, matches func(string) bool) string {
	t.Helper()

	var found string

	wait.For(t, func() error {
		ended := p.HasEnded() // before its lines are looked at, or its last might be missed

		for _, line := range p.Said() {
			if matches(line) {
				found = line

				return nil
			}
		}

		if ended {
			t.Fatalf("the process has ended with %v and without the line", p.command.ProcessState)
		}

		return errors.New("no such line on standard error")
	})

	return found
}

// HasEnded reports whether it has.
func (p *Process) HasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Kill is kill -9.
func (p *Process) Kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// Terminate is kill.
func (p *Process) Terminate() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
}

// Interrupt is Ctrl-C.
func (p *Process) Interrupt() {
	_ = p.command.Process.Signal(os.Interrupt)
}

// ExitStatus waits for the end.
func (p *Process) ExitStatus(t *testing.T) int {
	t.Helper()
	wait.Soon(t, "end of the process", p.ended)

	return p.command.ProcessState.ExitCode()
}
