package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

var errTooManyBytes = errors.New("more bytes than a computer has")

// byteSize is a flag in bytes, written 1048576, 64MiB or 1GB.
type byteSize int64

// UnmarshalText reads what the user wrote; "unlimited" is -1.
func (b *byteSize) UnmarshalText(text []byte) error {
	if string(text) == "unlimited" || string(text) == "-1" {
		*b = -1
		return nil
	}
	size, err := humanize.ParseBytes(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a number of bytes such as 1048576, 64MiB or 1GB", text)
	}
	if size > math.MaxInt64 {
		return errTooManyBytes
	}
	*b = byteSize(size)
	return nil
}
