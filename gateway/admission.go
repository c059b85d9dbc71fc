package gateway

import (
	"net/http"
	"sync/atomic"
	"time"

	"connectrpc.com/connect/v2"
)

// overloadDelay is how soon one that was refused for the load may come again: a
// few times what those under way take.
const overloadDelay = 200 * time.Millisecond

// admission bounds how many calls are served at a time. It is asked before a
// request is read, so that a refusal costs little.
type admission struct {
	most int64
	now  atomic.Int64
	// usual is the refusal of a unary call over Connect, the same for all.
	usual writtenAnswer
}

// admit serves a request or refuses it at once.
func (g *Gateway) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer g.admission.now.Add(-1)
		if g.admission.now.Add(1) > g.admission.most {
			g.refuseOverload(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuseOverload costs as little as it can: the more it took from what is served,
// the more would be refused.
func (g *Gateway) refuseOverload(w http.ResponseWriter, r *http.Request) {
	switch r.Header.Get("Content-Type") {
	case "application/json", "application/proto":
		g.admission.usual.writeTo(w)
	default:
		g.refuse(w, r, overloaded())
	}
}

func overloaded() *connect.Error {
	return withRetry(withReason(connect.NewError(connect.CodeResourceExhausted,
		"too many submissions are under way: nothing was stored, send it again a little later"), reasonOverloaded), overloadDelay)
}
