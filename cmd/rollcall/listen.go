package main

import "rollcall/internal/server"

// listenFlags say how a server listens.
type listenFlags struct {
	Listen      string   `default:"127.0.0.1:8080" group:"connection" placeholder:"ADDR" help:"Listen here, for HTTP/1.1 and HTTP/2 without TLS. Default: ${default}."`
	AllowOrigin []string `group:"connection" placeholder:"ORIGIN" help:"Let web pages from these origins call, such as https://www.example.org; * lets any. Default: only pages of this server."`
	MaxRequest  byteSize `default:"${max_request}" group:"connection" placeholder:"BYTES" help:"Refuse larger requests, and larger messages of a stream (reason TOO_LARGE). Default: ${default}."`
}

func (f listenFlags) config() server.Config {
	return server.Config{Listen: f.Listen, AllowedOrigins: f.AllowOrigin, MaxRequestBytes: int64(f.MaxRequest)}
}
