//go:build !linux

package streamtest

import "testing"

// Disk is a small disk of a test's own.
type Disk struct{ Dir string }

// NewDisk skips the test: a disk in memory is mounted on Linux alone.
func NewDisk(tb testing.TB, _ int) *Disk {
	tb.Helper()
	tb.Skip("a full disk is tried where a small one may be mounted (as root, on Linux)")
	return nil
}

// Fill takes all that is left of the disk but for so much.
func (d *Disk) Fill(int) {}

// MakeRoom gives back what Fill took.
func (d *Disk) MakeRoom() {}
