package streamtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Disk is a small disk of a test's own.
type Disk struct {
	tb testing.TB
	// Dir is where it is mounted.
	Dir string
}

// NewDisk mounts a disk in memory until the test ends, and skips the test where that is
// not permitted.
func NewDisk(tb testing.TB, kilobytes int) *Disk {
	tb.Helper()
	dir := tb.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENODEV) {
		tb.Skipf("a full disk is tried where a small one may be mounted (as root): %v", err)
	}
	if err != nil {
		tb.Fatalf("mount a disk: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			tb.Errorf("unmount the disk: %v", err)
		}
	})
	return &Disk{tb: tb, Dir: dir}
}

// Fill takes all that is left of the disk but for so much.
func (d *Disk) Fill(butKilobytes int) {
	d.tb.Helper()
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.tb.Fatal(err)
	}
	defer func() { _ = file.Close() }() // on a full disk it may fail
	block := make([]byte, 1<<10)
	for d.free() > int64(butKilobytes)<<10 {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			d.tb.Fatal(err)
		}
	}
}

// MakeRoom gives back what Fill took.
func (d *Disk) MakeRoom() {
	d.tb.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.tb.Fatal(err)
	}
}

func (d *Disk) filler() string { return filepath.Join(d.Dir, "filler") }

func (d *Disk) free() int64 {
	var found syscall.Statfs_t
	if err := syscall.Statfs(d.Dir, &found); err != nil {
		d.tb.Fatal(err)
	}
	return int64(found.Bavail) * found.Bsize //nolint:gosec // it is small
}
