// Package process runs this program again, with another command, as what is measured
// or what measures it.
package process

import (
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
)

// Process is this program again, controlled over its standard input and output.
type Process struct {
	command *exec.Cmd
	rpc     *rpc.Client
}

// pipe is a process's standard input and output.
type pipe struct {
	io.Reader
	io.WriteCloser
}

// Start starts it with a command.
func Start(args ...string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	command := exec.Command(self, args...) //nolint:gosec,noctx // it is ourselves, and ends with its input
	command.Env = append(os.Environ(), AsCommand+"=1")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %v: %w", args, err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %v: %w", args, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %v: %w", args, err)
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
		return fmt.Errorf("%s %s: %w", p.command.Args[1], method, err)
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
