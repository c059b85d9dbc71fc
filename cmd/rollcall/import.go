package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"rollcall/internal/client"
)

const standardInput = "-"

// importFile submits every line of a file, or of standard input.
func importFile(ctx context.Context, submitter *client.Submitter, path string, inFlight int) error {
	in, err := openImport(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()

	imported := &client.Import{Submitter: submitter, ID: in.id, InFlight: inFlight}

	summary, err := runImport(ctx, imported, in)
	fmt.Fprintln(os.Stderr, summary)

	switch {
	case err != nil:
		return fmt.Errorf("importing stopped early: %s", client.Explain(err))
	case summary.Refused > 0:
		return fmt.Errorf("%d of %d persons were refused", summary.Refused, summary.Rows())
	default:
		return nil
	}
}

// runImport says refusals on standard error, above a progress bar where that is a
// terminal.
func runImport(ctx context.Context, imported *client.Import, in *importInput) (client.Summary, error) {
	say := func(line string) { fmt.Fprintln(os.Stderr, line) }
	input := io.Reader(in)

	if client.IsTerminal(os.Stderr) {
		bar := client.NewProgressBar(os.Stderr, in.size)
		defer bar.Clear()

		say, input, imported.Settled = bar.Line, bar.Reader(in), bar.Settled
	}

	imported.Refused = func(line int, why string) { say(fmt.Sprintf("line %d: %s", line, why)) }

	return imported.Run(ctx, input) //nolint:wrapcheck // importFile explains it.
}

// importInput is what is imported, with the name that makes importing it again
// safe.
type importInput struct {
	*os.File

	id string
	// size is in bytes; 0 where it is not known.
	size int64
}

// openImport opens a file. Only a regular file can be read twice, once for its
// name; anything else gets a new name each time.
func openImport(path string) (*importInput, error) {
	if path == standardInput {
		return &importInput{File: os.Stdin, id: client.ImportID()}, nil
	}

	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the file to import: %w", err)
	}

	in, err := identifyImport(file)
	if err != nil {
		_ = file.Close()

		return nil, fmt.Errorf("%s: %w", path, err)
	}

	return in, nil
}

func identifyImport(file *os.File) (*importInput, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err //nolint:wrapcheck // openImport names the file.
	}

	if !info.Mode().IsRegular() {
		return &importInput{File: file, id: client.ImportID()}, nil
	}

	id, err := client.FileImportID(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // It says what was being done.
	}

	return &importInput{File: file, id: id, size: info.Size()}, nil
}
