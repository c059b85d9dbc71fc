package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

var errTooManyBytes = errors.New("more bytes than a computer has")

// byteLimit is a byteSize that may also be unlimited, which is -1.
type byteLimit int64

// UnmarshalText reads what the user wrote.
func (b *byteLimit) UnmarshalText(text []byte) error {
	if string(text) == "unlimited" {
		*b = -1
		return nil
	}
	return (*byteSize)(b).UnmarshalText(text)
}

// byteSize is a flag in bytes, written 1048576, 64MiB or 1GB.
type byteSize int64

// UnmarshalText reads what the user wrote.
func (b *byteSize) UnmarshalText(text []byte) error {
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
