package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"connectrpc.com/connect/v2"
)

// explainNetwork says in plain words what came in place of a server's answer. The
// code, the method and the procedure's URL are left out: none was chosen by a server.
func explainNetwork(rpc *connect.Error) string {
	if name, ok := errors.AsType[*net.DNSError](rpc); ok {
		return fmt.Sprintf("the host %s could not be found (%s)", name.Name, name.Err)
	}

	if operation, ok := errors.AsType[*net.OpError](rpc); ok && operation.Op == "dial" && operation.Addr != nil {
		return fmt.Sprintf("%s cannot be reached (%v)", operation.Addr, innermost(operation))
	}

	switch {
	case isCut(rpc):
		return "the connection broke off"
	case rpc.Code() == connect.CodeDeadlineExceeded, errors.Is(rpc, context.DeadlineExceeded):
		return "no answer came in time"
	}

	said := rpc.Message()
	if request, ok := errors.AsType[*url.Error](rpc); ok {
		said = request.Err.Error()
	}

	switch {
	case said == "":
		return wireName(rpc.Code())
	case strings.HasPrefix(said, "http2: "):
		return "HTTP/2 does not get through to the server (" + said + ")"
	default:
		return said
	}
}

// innermost is the error that all others wrap.
func innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}

	return err
}
