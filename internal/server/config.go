package server

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// What a request may take before its handler has a say.
const (
	// DefaultMaxRequestBytes is Config's MaxRequestBytes where none is given.
	DefaultMaxRequestBytes = 1 << 20

	defaultBodyTimeout = 30 * time.Second
	defaultStopTimeout = 10 * time.Second

	// headerTimeout is for all of a request's header, from its first byte.
	headerTimeout = 10 * time.Second
	// idleTimeout is for a connection without a request in flight. It is longer
	// than the minute after which proxies usually let go, so that it is they who
	// close, and no request meets a connection that is just being closed.
	idleTimeout = 2 * time.Minute
	// stallTimeout is for a whole HTTP/2 connection that takes nothing.
	stallTimeout = time.Minute
	// maxHeaderBytes bounds a request's header.
	maxHeaderBytes = 64 << 10
)

// Config is what an operator may choose. Zero values stand for the defaults.
type Config struct {
	// Listen is the TCP address, such as 127.0.0.1:8080; port 0 takes a free one.
	Listen string
	// AllowedOrigins are the web pages' origins that may call from a browser:
	// scheme, host and port, with at most one * for any part; "*" is any origin.
	// None: only pages from this server itself.
	AllowedOrigins []string
	// MaxRequestBytes bounds a request's body, as it is sent, and a message of an RPC,
	// as it is sent and decompressed; default 1 MiB.
	MaxRequestBytes int64
	// BodyTimeout is how long a request's body may take to arrive; default 30 s. It
	// does not bound the response.
	BodyTimeout time.Duration
	// StopTimeout is how long the orderly end may take; default 10 s.
	StopTimeout time.Duration
	// Logger takes requests at debug and recovered panics at warn level; default
	// slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.MaxRequestBytes == 0 {
		c.MaxRequestBytes = DefaultMaxRequestBytes
	}
	if c.BodyTimeout == 0 {
		c.BodyTimeout = defaultBodyTimeout
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = defaultStopTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func (c Config) check() error {
	switch {
	case c.MaxRequestBytes < 0:
		return fmt.Errorf("maximum request size: %d bytes are negative", c.MaxRequestBytes)
	case c.BodyTimeout < 0:
		return fmt.Errorf("body timeout: %v is negative", c.BodyTimeout)
	case c.StopTimeout < 0:
		return fmt.Errorf("stop timeout: %v is negative", c.StopTimeout)
	}
	for _, origin := range c.AllowedOrigins {
		if err := checkOrigin(origin); err != nil {
			return fmt.Errorf("allowed origin %q: %w", origin, err)
		}
	}
	return nil
}

// checkOrigin refuses what no browser ever sends, and would be waited for in vain.
func checkOrigin(origin string) error {
	if origin == "*" {
		return nil
	}
	_, host, found := strings.Cut(origin, "://")
	switch {
	case !found:
		return errOriginScheme
	case host == "" || strings.Contains(host, "/"):
		return errOriginHost
	case strings.Count(origin, "*") > 1:
		return errOriginWildcards
	}
	return nil
}
