package client

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
)

// watchMayResume reports whether a watch that ended so is worth another attempt.
// Whatever is not known to come again is.
func watchMayResume(err error) bool {
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument,
		connect.CodeUnimplemented,
		connect.CodeUnauthenticated,
		connect.CodePermissionDenied,
		connect.CodeNotFound,
		connect.CodeDataLoss:
		return false
	default:
		return true
	}
}

// submitMayRetry reports whether sending the same submission with the same key
// again can help: where it is unknown whether it was stored, and where the server
// refused for now and said when to come again.
func submitMayRetry(err error) bool {
	if connect.CodeOf(err) == connect.CodeResourceExhausted {
		_, hinted := retryHint(err)

		return hinted
	}

	return OutcomeUnknown(err)
}

// OutcomeUnknown reports that a submission that failed so may have been stored
// all the same: nobody answered, or the server itself could not know.
func OutcomeUnknown(err error) bool {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok || rpc == nil {
		return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	}

	switch rpc.Code() {
	case connect.CodeUnavailable, connect.CodeDeadlineExceeded:
		return true
	default:
		return connectionBroke(rpc)
	}
}

// connectionBroke reports an attempt that ended without an answer. The transport
// gives that codes of other meanings (a reset connection is CANCELED, an early end
// or a reset stream INTERNAL), so what counts is that no server said it.
func connectionBroke(rpc *connect.Error) bool {
	if rpc.IsRemote() || errors.Is(rpc, context.Canceled) {
		return false
	}

	switch rpc.Code() {
	case connect.CodeCanceled, connect.CodeInternal:
		return true
	default:
		_, network := errors.AsType[net.Error](rpc)

		return network || isCut(rpc)
	}
}

// retryHint returns the wait that the server asked for, and whether it did.
func retryHint(err error) (time.Duration, bool) {
	rpc, ok := errors.AsType[*connect.Error](err)
	if !ok || rpc == nil {
		return 0, false
	}

	for info := range details[*errdetails.RetryInfo](rpc) {
		return max(info.GetRetryDelay().AsDuration(), 0), true
	}

	return 0, false
}

// isCut reports an error that says that a connection is gone.
func isCut(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
