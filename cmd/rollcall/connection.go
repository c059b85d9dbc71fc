package main

import (
	"rollcall/internal/client"
)

// connectionFlags say how the client commands reach a server.
type connectionFlags struct {
	Server   string `default:"http://127.0.0.1:8080" group:"connection" placeholder:"URL" help:"Base URL of the server, http or https. Default: ${default}."`
	Protocol string `default:"connect" enum:"connect,grpc,grpcweb" group:"connection" placeholder:"NAME" help:"Protocol to speak: one of ${enum}. grpc needs HTTP/2 all the way. Default: ${default}."`
}

// connect adds where to connect to, and how. It is wrong usage when it fails:
// nothing is dialled yet.
func (c *connectionFlags) connect(options client.Options) (*client.Connection, error) {
	options.Server, options.Protocol = c.Server, client.Protocol(c.Protocol)

	connection, err := client.Connect(options)
	if err != nil {
		return nil, usageError{err}
	}

	return connection, nil
}
