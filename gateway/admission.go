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
}

// admit serves a request or refuses it at once.
func (g *Gateway) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer g.admission.now.Add(-1)
		if g.admission.now.Add(1) > g.admission.most {
			g.refuse(w, r, overloaded())
			return
		}
		next.ServeHTTP(w, r)
	})
}

func overloaded() *connect.Error {
	return withRetry(withReason(connect.NewError(connect.CodeResourceExhausted,
		"too many submissions are under way: nothing was stored, send it again a little later"), reasonOverloaded), overloadDelay)
}
