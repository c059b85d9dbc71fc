package main

import (
	"rollcall/internal/client"
)

// connectionFlags say how the client commands reach a server.
type connectionFlags struct {
	Server   string `default:"http://127.0.0.1:8080" group:"connection" placeholder:"URL" help:"Base URL of the server, http or https. Default: ${default}."`
	Protocol string `default:"connect" enum:"connect,grpc,grpcweb" group:"connection" placeholder:"NAME" help:"Protocol to speak: one of ${enum}. grpc needs HTTP/2 all the way. Default: ${default}."`
}

// connect is wrong usage when it fails: nothing is dialled yet.
func (c *connectionFlags) connect(connections int) (*client.Connection, error) {
	connection, err := client.Connect(client.Options{
		Server:      c.Server,
		Protocol:    client.Protocol(c.Protocol),
		Connections: connections,
	})
	if err != nil {
		return nil, usageError{err}
	}

	return connection, nil
}
