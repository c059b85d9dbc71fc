package client

import (
	"errors"
	"io"
	"syscall"
)

// isCut reports an error that says that the other end of a connection is gone.
func isCut(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
