// Capnpbreaking refuses a change of a Cap'n Proto schema that a reader or a
// writer of the older bytes would not survive, as `buf breaking` does for the
// API.
//
//	capnpbreaking OLDDIR NEWDIR
//
// compiles the *.capnp files of both folders with `capnp`, compares what the
// compiler made of them, prints each incompatible change with what to do
// instead, and exits with 1 if there was one. What may be added: types, and
// fields and enumerants under the next ordinals.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"capnproto.org/go/capnp/v3"
	"capnproto.org/go/capnp/v3/std/capnp/schema"
)

// errBreaking says that the comparison worked and found something.
var errBreaking = errors.New("the schema changed incompatibly")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)

	stop()

	if err != nil {
		fmt.Fprintln(os.Stderr, "capnpbreaking:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: capnpbreaking OLDDIR NEWDIR")
	}

	older, err := compile(ctx, args[0])
	if err != nil {
		return err
	}

	newer, err := compile(ctx, args[1])
	if err != nil {
		return err
	}

	findings, err := compare(older, newer)
	if err != nil {
		return err
	}

	for _, finding := range findings {
		fmt.Fprintln(out, finding)
	}

	if len(findings) > 0 {
		return fmt.Errorf("%w: %d change(s)", errBreaking, len(findings))
	}

	return nil
}

// compile returns what the Cap'n Proto compiler made of a folder's schemas; an
// empty list for a folder that has none.
func compile(ctx context.Context, dir string) (nodes, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.capnp"))
	if err != nil || len(files) == 0 {
		return nil, err
	}

	args := append([]string{"compile", "-o-", "--src-prefix=" + dir}, files...)
	cmd := exec.CommandContext(ctx, "capnp", args...) //nolint:gosec // The folders are the caller's own.
	cmd.Stderr = os.Stderr

	request, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("capnp compile %s: %w", dir, err)
	}

	// Not Unmarshal: the request may be of several segments and larger than
	// what is sensible to accept from a stream.
	decoder := capnp.NewDecoder(bytes.NewReader(request))
	decoder.MaxMessageSize = 64 << 20

	msg, err := decoder.Decode()
	if err != nil {
		return nil, fmt.Errorf("decode what capnp made of %s: %w", dir, err)
	}

	msg.ResetReadLimit(1 << 30)

	root, err := schema.ReadRootCodeGeneratorRequest(msg)
	if err != nil {
		return nil, fmt.Errorf("read what capnp made of %s: %w", dir, err)
	}

	list, err := root.Nodes()
	if err != nil {
		return nil, fmt.Errorf("read what capnp made of %s: %w", dir, err)
	}

	byID := make(nodes, list.Len())

	for i := range list.Len() {
		byID[list.At(i).Id()] = list.At(i)
	}

	return byID, nil
}
