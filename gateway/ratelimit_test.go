package gateway

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestClientsAreToldApart has pairs of requests: those of one client share a limit.
func TestClientsAreToldApart(t *testing.T) {
	t.Parallel()
	type request struct {
		from      string
		forwarded []string // the header's lines
	}
	for _, test := range []struct {
		name   string
		header string
		a, b   request
		same   bool
	}{
		{"two connections", "", request{"192.0.2.1:1001", nil}, request{"192.0.2.1:1002", nil}, true},
		{"two addresses", "", request{"192.0.2.1:1001", nil}, request{"192.0.2.2:1001", nil}, false},
		{"a header that nobody asked for", "", request{"192.0.2.1:1001", []string{"192.0.2.7"}}, request{"192.0.2.1:1002", []string{"192.0.2.8"}}, true},
		{"two addresses of one IPv6 network", "", request{"[2001:db8:0:1::1]:1001", nil}, request{"[2001:db8:0:1:ffff::2]:1001", nil}, true},
		{"two IPv6 networks", "", request{"[2001:db8:0:1::1]:1001", nil}, request{"[2001:db8:0:2::1]:1001", nil}, false},
		{"IPv4 as IPv6 writes it", "", request{"192.0.2.1:1001", nil}, request{"[::ffff:192.0.2.1]:1001", nil}, true},
		{"two addresses of IPv4 as IPv6 writes them", "", request{"[::ffff:192.0.2.1]:1001", nil}, request{"[::ffff:192.0.2.2]:1001", nil}, false},

		{"what the proxy saw", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"192.0.2.1"}}, request{"10.0.0.1:1001", []string{"192.0.2.2"}}, false},
		{"two proxies", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"192.0.2.1"}}, request{"10.0.0.2:1001", []string{"192.0.2.1"}}, true},
		{"what a client made up before it", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"198.51.100.1, 192.0.2.1"}}, request{"10.0.0.1:1001", []string{"198.51.100.2, 192.0.2.1"}}, true},
		{"another's address, made up", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"192.0.2.1"}}, request{"10.0.0.1:1001", []string{"192.0.2.1, 192.0.2.2"}}, false},
		{"a line of its own, made up", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"198.51.100.1", "192.0.2.1"}}, request{"10.0.0.1:1001", []string{"198.51.100.2", "192.0.2.1"}}, true},
		{"one IPv6 network behind the proxy", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"2001:db8:0:1::1"}}, request{"10.0.0.1:1001", []string{"2001:db8:0:1::2"}}, true},
		{"ports that a proxy writes, too", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"192.0.2.1:5001"}}, request{"10.0.0.1:1001", []string{"192.0.2.1:5002"}}, true},
		{"ports after IPv6", "X-Forwarded-For", request{"10.0.0.1:1001", []string{"[2001:db8:0:1::1]:5001"}}, request{"10.0.0.1:1001", []string{"2001:db8:0:1::2"}}, true},
		{"a header that the proxy left out", "X-Forwarded-For", request{"10.0.0.1:1001", nil}, request{"10.0.0.1:1002", []string{" , "}}, true},
		{"names that are no addresses", "X-Client", request{"10.0.0.1:1001", []string{"shop"}}, request{"10.0.0.1:1001", []string{"bank"}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newRateLimit(1, test.header)
			limiter := func(of request) any {
				r := httptest.NewRequest(http.MethodPost, "/persons", http.NoBody)
				r.RemoteAddr = of.from
				for _, line := range of.forwarded {
					r.Header.Add("X-Forwarded-For", line)
					r.Header.Add("X-Client", line)
				}
				return l.of(l.client(r))
			}
			if same := limiter(test.a) == limiter(test.b); same != test.same {
				t.Errorf("%q and %q share a limit: %v, want %v", test.a, test.b, same, test.same)
			}
		})
	}
}
