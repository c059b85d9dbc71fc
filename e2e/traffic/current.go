// Package traffic submits and watches while servers come and go.
package traffic

import (
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Current is where the server is now: after a crash it is elsewhere.
type Current struct {
	Conn atomic.Pointer[grpc.ClientConn]
	// Proxied is set where a proxy stands between. It tells of a server that is gone
	// in the middle of an answer by a stream that is reset, or that ends without
	// trailers, and to gRPC either is INTERNAL.
	Proxied bool
}

// broke tells a call whose connection broke off from one that was answered.
func (c *Current) broke(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled: // canceled: the connection was replaced
		return true
	case codes.Internal:
		return c.Proxied && len(status.Convert(err).Details()) == 0
	default:
		return false
	}
}
