package natsserver

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"rollcall/internal/stream"
)

// mostReserve is the most that is kept free of a disk; of a small one it is a part.
const (
	mostReserve = 4 << 20
	reservePart = 64
)

// disk is the one on which a folder is.
type disk struct{ dir string }

// space returns how large the disk is and how much of it we may still use.
func (d disk) space() (size, free int64, err error) {
	var found syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &found); err != nil {
		return 0, 0, fmt.Errorf("look for room on the disk of %s: %w", d.dir, err)
	}
	block := int64(found.Bsize)                                          //nolint:unconvert // it is an int32 elsewhere
	return int64(found.Blocks) * block, int64(found.Bavail) * block, nil //nolint:gosec // no disk is so large
}

// full returns [stream.ErrStorage] where there is so little room that persons are to be
// refused: what is left is for deleting old ones and for changing settings, which takes
// room too.
func (d disk) full() error {
	size, free, err := d.space()
	if err != nil {
		return fmt.Errorf("%w: %w", stream.ErrStorage, err)
	}
	if reserve := min(size/reservePart, mostReserve); free < reserve {
		return fmt.Errorf("%w: it is full: make room on the disk that its files are on, and submissions are taken again", stream.ErrStorage)
	}
	return nil
}

// probe writes to the disk what it takes away again.
func (d disk) probe() (err error) {
	file, err := os.CreateTemp(d.dir, "room-*")
	if err != nil {
		return fmt.Errorf("write to the disk: %w", err)
	}
	defer func() {
		err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	}()
	size, _, err := d.space()
	if err != nil {
		return err
	}
	if _, err := file.Write(make([]byte, min(size/reservePart, mostReserve))); err != nil {
		return fmt.Errorf("write to the disk: %w", err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("write to the disk: %w", err)
	}
	return nil
}
