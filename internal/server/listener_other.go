//go:build !linux

package server

// refuseNew is false: only Linux can do that.
func (l *listener) refuseNew() bool { return false }

// waiting is how many connections wait to be accepted, of which others than Linux say
// nothing.
func (l *listener) waiting() uint32 { return 0 }
