// Package process runs this program again, with another command, or one that was built
// beside it, as what is measured or what measures it.
package process

import (
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
	"path/filepath"
)

// Process is such a program, controlled over its standard input and output.
type Process struct {
	command *exec.Cmd
	rpc     *rpc.Client
}

// pipe is a process's standard input and output.
type pipe struct {
	io.Reader
	io.WriteCloser
}

// Start starts this program with a command.
func Start(args ...string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return start(self, args...)
}

// StartBeside starts the program of a name that was built beside this one.
func StartBeside(name string) (*Process, error) {
	path, err := Beside(name)
	if err != nil {
		return nil, err
	}
	return start(path)
}

// Beside is where a program is that was built beside this one.
func Beside(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return filepath.Join(filepath.Dir(self), name), nil
}

func start(program string, args ...string) (*Process, error) {
	command := exec.Command(program, args...) //nolint:gosec,noctx // it is ours, and ends with its input
	command.Env = append(os.Environ(), AsCommand+"=1")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s %v: %w", filepath.Base(program), args, err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s %v: %w", filepath.Base(program), args, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s %v: %w", filepath.Base(program), args, err)
	}
	return &Process{command: command, rpc: jsonrpc.NewClient(pipe{out, in})}, nil
}

// AsCommand is set in the environment of the processes that are started: a test's
// binary then knows that it is to be the program.
const AsCommand = "ROLLCALL_BENCH_AS_COMMAND"

// Nothing is no argument.
type Nothing struct{}

// Call calls a method of what the process serves.
func (p *Process) Call(method string, argument, reply any) error {
	if err := p.rpc.Call("Service."+method, argument, reply); err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(p.command.Args[len(p.command.Args)-1]), method, err)
	}
	return nil
}

// PID is its number.
func (p *Process) PID() int { return p.command.Process.Pid }

// End closes the process's input, which ends it, and waits until it has.
func (p *Process) End() error {
	return errors.Join(p.rpc.Close(), p.command.Wait())
}

// Serve lets another process call a service over our standard input and output,
// until it closes them.
func Serve(service any) error {
	server := rpc.NewServer()
	if err := server.RegisterName("Service", service); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	server.ServeCodec(jsonrpc.NewServerCodec(pipe{os.Stdin, os.Stdout}))
	return nil
}
