package client

import "testing"

func TestServers(t *testing.T) {
	t.Parallel()

	for server, fine := range map[string]bool{
		"http://127.0.0.1:8080":         true,
		"https://example.org/rollcall/": true,
		"127.0.0.1:8080":                false,
		"localhost":                     false,
		"nats://localhost:4222":         false,
		"http://":                       false,
		"http://example.org?x=y":        false,
	} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()

			if _, err := Connect(Options{Server: server}); (err == nil) != fine {
				t.Errorf("got %v", err)
			}
		})
	}
}
