package server

import "errors"

var (
	errOriginScheme    = errors.New("it has no scheme; https://example.org has")
	errOriginHost      = errors.New("it must be a scheme and a host, without a path or a / at its end")
	errOriginWildcards = errors.New("it has more than one *")
	errStopping        = errors.New("stopping")
)
