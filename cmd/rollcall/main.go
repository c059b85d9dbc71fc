// Command rollcall takes contact persons, keeps them in a stream, and shows them
// live. One binary is the server in its roles and the client of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"rollcall/cmd/rollcall/terminal"
	"rollcall/internal/client"
)

// The exit statuses, as --help states them.
const (
	exitFine    = 0
	exitFailure = 1
	exitUsage   = 2
)

// usageError marks wrong usage that only a command can see.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// drawnError is an error with a drawing to print below its line.
type drawnError struct {
	err     error
	drawing string
}

func (e drawnError) Error() string { return e.err.Error() }
func (e drawnError) Unwrap() error { return e.err }

func main() {
	// Without this a write to a closed pipe kills the process; so it is an error
	// that the command can end on quietly.
	signal.Ignore(syscall.SIGPIPE)

	os.Exit(run(os.Args[1:]))
}

// run parses, runs the command, and turns its error into one line and an exit
// status.
func run(args []string) int {
	var grammar cli

	parser := newParser(&grammar)

	parsed, err := parser.Parse(args)
	if err != nil {
		complain(os.Stderr, fmt.Sprintf("%s (see %s --help)", explainUsage(err), helpPath(err)))

		return exitUsage
	}

	ctx, stop := untilSignalled()
	defer stop()

	parsed.BindTo(ctx, (*context.Context)(nil))

	return exitStatus(os.Stderr, parsed.Run(newLogger(os.Stderr, grammar.LogLevel)))
}

// untilSignalled returns a context that the first SIGINT or SIGTERM ends. From
// then on signals have their usual effect: the second ends the process at once.
func untilSignalled() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)

	return ctx, stop
}

// exitStatus says what went wrong in one line, if anything did, and draws it if
// that helps.
func exitStatus(stderr io.Writer, err error) int {
	if err == nil || outputClosed(err) {
		return exitFine
	}

	complain(stderr, client.Explain(err))

	if drawn, ok := errors.AsType[drawnError](err); ok && drawn.drawing != "" {
		_, _ = fmt.Fprintln(stderr, drawn.drawing)
	}

	if _, wrong := errors.AsType[usageError](err); wrong {
		return exitUsage
	}

	return exitFailure
}

// outputClosed reports that whoever reads our output has seen enough, as in
// `rollcall watch | head`. A connection to a server can break the same way, but
// is not a file.
func outputClosed(err error) bool {
	_, file := errors.AsType[*fs.PathError](err)

	return file && errors.Is(err, syscall.EPIPE)
}

// complain prints one line, whatever is in it.
func complain(stderr io.Writer, line string) {
	_, _ = fmt.Fprintf(stderr, "rollcall: %s\n", terminal.Harmless(line))
}

// helpPath is the command whose help says what would have been right.
func helpPath(err error) string {
	parse, ok := errors.AsType[*kong.ParseError](err)
	if !ok || parse.Context == nil || parse.Context.Selected() == nil {
		return appName
	}

	return parse.Context.Selected().FullPath()
}
