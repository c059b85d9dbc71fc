package e2e

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
)

// process is a server that a test has started, and that ends with the test.
type process struct {
	command *exec.Cmd
	ended   chan struct{}

	mu    sync.Mutex
	lines []string
}

// start runs a command, and ends it with the test if the test has not.
func start(t *testing.T, command *exec.Cmd) *process {
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

	p := &process{command: command, ended: make(chan struct{})}
	go p.follow(reader)

	t.Cleanup(func() {
		p.kill()
		p.report(t)
	})

	return p
}

// follow reads what the process says until it has ended.
func (p *process) follow(stderr io.ReadCloser) {
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
func (p *process) report(t *testing.T) {
	t.Helper()

	said := strings.Join(p.said(), "\n")
	if strings.Contains(said, "DATA RACE") {
		t.Error("data race in the process")
	}

	if t.Failed() {
		t.Logf("%s said:\n%s", strings.Join(p.command.Args, " "), said)
	}
}

func (p *process) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()

	return append([]string(nil), p.lines...)
}

// line waits for a line on standard error and returns it.
func (p *process) line(t *testing.T, matches func(string) bool) string {
	t.Helper()

	var found string

	eventually(t, func() error {
		ended := p.hasEnded() // before its lines are looked at, or its last might be missed

		for _, line := range p.said() {
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

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

func (p *process) terminate() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
}

// exitStatus waits for the end.
func (p *process) exitStatus(t *testing.T) int {
	t.Helper()
	soon(t, "end of the process", p.ended)

	return p.command.ProcessState.ExitCode()
}
