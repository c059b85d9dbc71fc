package gateway

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect/v2"
	"golang.org/x/time/rate"
)

const (
	// leastBurst lets a client that was quiet send one full SubmitPersons.
	leastBurst = maxBatch
	// maxClients bounds how many clients are told apart; those beyond share a limit.
	maxClients = 100_000
	// forgetClients is how often those who were quiet are forgotten.
	forgetClients = time.Minute
)

// rateLimit is how many submissions a second each client may send.
type rateLimit struct {
	limit rate.Limit
	burst int
	// header names the client, where a proxy is before the gateway; empty for the
	// address that the connection comes from.
	header string

	mu      sync.Mutex
	clients map[string]*rate.Limiter
	others  *rate.Limiter
	swept   time.Time
}

// newRateLimit is nil, which limits nothing, for 0 a second.
func newRateLimit(perSecond float64, header string) *rateLimit {
	if perSecond == 0 {
		return nil
	}
	l := &rateLimit{limit: rate.Limit(perSecond), burst: max(leastBurst, int(perSecond)), header: header, clients: make(map[string]*rate.Limiter)}
	l.others = rate.NewLimiter(l.limit, l.burst)
	return l
}

type limiterKey struct{}

// identify gives each request's context its client's limiter.
func (l *rateLimit) identify(next http.Handler) http.Handler {
	if l == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), limiterKey{}, l.of(l.client(r)))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// client is who sends a request: an IPv4 address, an IPv6 network of 64 bits, which
// is what one customer has, or whatever the header says.
func (l *rateLimit) client(r *http.Request) string {
	name := r.RemoteAddr
	if l.header != "" {
		// Of several the last was added by the nearest proxy, which alone is trusted.
		values := strings.Split(strings.Join(r.Header.Values(l.header), ","), ",")
		if last := strings.TrimSpace(values[len(values)-1]); last != "" {
			name = last
		}
	}
	address, err := netip.ParseAddr(name)
	if withPort, portErr := netip.ParseAddrPort(name); portErr == nil {
		address, err = withPort.Addr(), nil // some proxies write the port, too
	}
	if err != nil {
		return name
	}
	if address = address.Unmap(); address.Is4() {
		return address.String()
	}
	network, err := address.Prefix(64)
	if err != nil {
		return name
	}
	return network.String()
}

func (l *rateLimit) of(client string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limiter := l.clients[client]; limiter != nil {
		return limiter
	}
	if now := time.Now(); now.Sub(l.swept) > forgetClients {
		l.swept = now
		for name, limiter := range l.clients {
			if limiter.TokensAt(now) >= float64(l.burst) {
				delete(l.clients, name)
			}
		}
	}
	if len(l.clients) >= maxClients {
		return l.others
	}
	limiter := rate.NewLimiter(l.limit, l.burst)
	l.clients[client] = limiter
	return limiter
}

func limiterOf(ctx context.Context) *rate.Limiter {
	limiter, _ := ctx.Value(limiterKey{}).(*rate.Limiter)
	return limiter
}

// allow returns nil if the client may send so many submissions now, and else an
// error to answer with.
func (g *Gateway) allow(ctx context.Context, n int) error {
	if g.rates == nil {
		return nil
	}
	reservation := limiterOf(ctx).ReserveN(time.Now(), n)
	wait := reservation.Delay()
	if wait == 0 {
		return nil
	}
	reservation.Cancel()
	return withRetry(withReason(connect.Errorf(connect.CodeResourceExhausted,
		"more than %g submissions a second from one client: nothing was stored, send it again later", float64(g.rates.limit)), reasonRateLimit), wait)
}

// await waits until the client may send so many submissions.
func (g *Gateway) await(ctx context.Context, n int) error {
	if g.rates == nil || n == 0 {
		return nil
	}
	return limiterOf(ctx).WaitN(ctx, n)
}
