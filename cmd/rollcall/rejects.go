package main

import (
	"errors"
	"fmt"
	"os"

	"rollcall/cmd/rollcall/terminal"
	"rollcall/internal/format"
)

// rejects is the file of refused rows. A nil one keeps none.
type rejects struct {
	file *os.File
	rows format.Reader
}

// openRejects makes the file, which must not be there yet: only an import that goes
// on adds to what its earlier runs wrote.
func openRejects(path string, rows format.Reader, goesOn bool) (*rejects, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // a nil file is none
	}

	flags := os.O_CREATE | os.O_WRONLY | os.O_EXCL
	if goesOn {
		flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}

	file, err := os.OpenFile(path, flags, 0o600) // persons are nobody else's

	switch {
	case errors.Is(err, os.ErrExist):
		return nil, usageError{fmt.Errorf("--rejects %s is there already: move it away, or give another file", path)}
	case err != nil:
		return nil, fmt.Errorf("opening the file of rejected rows: %w", err)
	}

	r := &rejects{file: file, rows: rows}

	info, err := file.Stat()
	if err == nil && info.Size() == 0 {
		_, err = file.Write(rows.Preface())
	}

	if err != nil {
		return nil, errors.Join(rejectsFailed(err), file.Close())
	}

	return r, nil
}

// add writes a row with the reason. It is with the system when add returns, and so
// before an import's state passes the row.
func (r *rejects) add(row format.Row, why string) error {
	if r == nil {
		return nil
	}

	if _, err := r.file.Write(r.rows.AppendRejected(nil, row, terminal.Harmless(why))); err != nil {
		return rejectsFailed(err)
	}

	return nil
}

func (r *rejects) close() error {
	if r == nil {
		return nil
	}

	if err := r.file.Close(); err != nil {
		return rejectsFailed(err)
	}

	return nil
}

func rejectsFailed(err error) error {
	return fmt.Errorf("writing the file of rejected rows: %w", err)
}
