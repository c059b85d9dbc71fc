// Package client talks to a rollcall server for as long as it takes: it submits a
// person until it is known what became of it, imports many, and watches across lost
// connections.
//
// It knows the API and nothing of the server. Who gives it persons, and who shows
// what it hears, is not its matter.
package client

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
)

// pingEvery is after how much silence an HTTP/2 connection is tried, and for how
// long.
const pingEvery = 15 * time.Second

// Protocol is how RPCs are put on the wire.
type Protocol string

// The protocols that a rollcall server speaks.
const (
	// ProtocolConnect runs over HTTP/1.1 without TLS, over HTTP/1.1 or 2 with it.
	ProtocolConnect Protocol = "connect"
	// ProtocolGRPC needs HTTP/2: with prior knowledge (h2c) where there is no TLS.
	ProtocolGRPC Protocol = "grpc"
	// ProtocolGRPCWeb runs where ProtocolConnect does.
	ProtocolGRPCWeb Protocol = "grpcweb"
)

// Options says which server to talk to, and how.
type Options struct {
	// Server is the base URL, http or https, such as http://127.0.0.1:8080.
	Server string
	// Protocol is how to talk to it; empty is ProtocolConnect.
	Protocol Protocol
	// Connections is how many idle connections are kept for reuse: as many as
	// there are requests in flight at once. Below 1 is 1.
	Connections int
	// HTTP2 asks for HTTP/2 whatever the protocol: with prior knowledge (h2c) where
	// there is no TLS.
	HTTP2 bool
}

// Connection is a way to one server. Nothing is dialled before the first RPC.
type Connection struct {
	// RPC is what the generated clients are made from.
	RPC *connect.Client

	transport *http.Transport
}

// Connect checks the options and returns the way to the server. The error is a
// wrong URL or an unknown protocol; whether anyone answers shows with the first
// RPC.
func Connect(options Options) (*Connection, error) {
	base, err := serverURL(options.Server)
	if err != nil {
		return nil, err
	}

	transport := newTransport(options.Connections)
	var rpcOptions []connecthttp.Option

	switch options.Protocol {
	case ProtocolConnect, "":
		transport.Protocols = webProtocols(base)
	case ProtocolGRPCWeb:
		transport.Protocols = webProtocols(base)
		rpcOptions = append(rpcOptions, connecthttp.WithGRPCWeb())
	case ProtocolGRPC:
		transport.Protocols = grpcProtocols(base)
		rpcOptions = append(rpcOptions, connecthttp.WithGRPC())
	default:
		return nil, fmt.Errorf("protocol %q is not one of connect, grpc, grpcweb", options.Protocol)
	}

	rpc := connecthttp.NewTransport(&http.Client{Transport: transport}, base.String(), rpcOptions...)

	if options.HTTP2 {
		transport.Protocols = grpcProtocols(base)
	}

	// A stream that is silent may be of a connection that is gone.
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingEvery, PingTimeout: pingEvery}

	return &Connection{RPC: connect.NewClient(rpc), transport: transport}, nil
}

// Close gives idle connections back. RPCs under way go on.
func (c *Connection) Close() {
	c.transport.CloseIdleConnections()
}

func serverURL(server string) (*url.URL, error) {
	base, err := url.Parse(server)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, fmt.Errorf("server %q is not a URL such as http://127.0.0.1:8080", server)
	}

	if base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("server %q: a server's URL has no query and no fragment", server)
	}

	base.Path = strings.TrimRight(base.Path, "/")

	return base, nil
}

// newTransport is net/http's default with idle connections enough for every
// request in flight: the default of two a host would dial anew for all others.
func newTransport(connections int) *http.Transport {
	const idleTimeout = 90 * time.Second

	connections = max(connections, 1)

	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     idleTimeout,
		TLSHandshakeTimeout: 10 * time.Second,
		// Messages are compressed by the RPC protocol, never by HTTP.
		DisableCompression: true,
	}
}

func webProtocols(base *url.URL) *http.Protocols {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(base.Scheme == "https")

	return &protocols
}

func grpcProtocols(base *url.URL) *http.Protocols {
	var protocols http.Protocols
	protocols.SetHTTP2(base.Scheme == "https")
	protocols.SetUnencryptedHTTP2(base.Scheme == "http")

	return &protocols
}
