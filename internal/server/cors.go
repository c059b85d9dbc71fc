package server

import (
	"net/http"
	"time"

	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"
)

// preflightAge is how long a browser may keep a preflight's answer; more than two
// hours Chrome does not take.
const preflightAge = 2 * time.Hour

// allowOrigins lets the pages of these origins call the RPCs (Connect and
// gRPC-Web) and the plain routes. Credentials such as cookies are not allowed:
// nothing here uses them.
func allowOrigins(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next // The library would take none for all.
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: connectcors.AllowedMethods(),
		AllowedHeaders: append(connectcors.AllowedHeaders(), "Idempotency-Key", "Last-Event-ID"),
		ExposedHeaders: append(connectcors.ExposedHeaders(), "Retry-After"),
		MaxAge:         int(preflightAge.Seconds()),
	}).Handler(next)
}
