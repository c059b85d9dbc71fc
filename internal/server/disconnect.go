package server

import (
	"context"
	"net"
)

type connKey struct{}

func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// Disconnect closes the connection that a request came on, whatever else is on it.
// It is for a client that takes nothing at all: over HTTP/2 a stream's deadline
// ends the stream by telling the client so, which then can't be written either.
func Disconnect(request context.Context) {
	if conn, ok := request.Value(connKey{}).(net.Conn); ok {
		_ = conn.Close()
	}
}
