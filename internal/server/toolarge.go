package server

import (
	"errors"
	"fmt"
	"strconv"

	"connectrpc.com/connect/v2"
)

// ReasonTooLarge is in google.rpc.ErrorInfo, with whatever has too many bytes.
const ReasonTooLarge = "TOO_LARGE"

var errTooLarge = errors.New("too large")

// TooLarge is the answer to what has more bytes than it may have. A size that is not
// above the limit is not known. To send the same again makes no sense, so it is
// INVALID_ARGUMENT; a plain route answers it with HTTP's 413.
func TooLarge(what string, size, limit int64) *connect.Error {
	has, metadata := "is larger than", map[string]string{"limit": strconv.FormatInt(limit, 10)}
	if size > limit {
		has, metadata["size"] = fmt.Sprintf("has %d bytes, more than", size), strconv.FormatInt(size, 10)
	}
	err := connect.Errorf(connect.CodeInvalidArgument, "%s %s the %d bytes that it may have: send less at a time", what, has, limit)
	return WithReason(err.WithCause(errTooLarge), ReasonTooLarge, metadata)
}
