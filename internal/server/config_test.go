package server_test

import (
	"testing"
	"time"

	"rollcall/internal/server"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		config server.Config
		want   string
	}{
		{"address", server.Config{Listen: "nowhere"}, `listen on "nowhere"`},
		{"size", server.Config{MaxRequestBytes: -1}, "maximum request size: -1 bytes are negative"},
		{"body timeout", server.Config{BodyTimeout: -time.Second}, "body timeout: -1s is negative"},
		{"stop timeout", server.Config{StopTimeout: -time.Second}, "stop timeout: -1s is negative"},
		{"host alone", server.Config{AllowedOrigins: []string{"a.example"}}, `allowed origin "a.example": it has no scheme`},
		{"slash", server.Config{AllowedOrigins: []string{"https://a.example/"}}, "without a path or a / at its end"},
		{"wildcards", server.Config{AllowedOrigins: []string{"https://*.*"}}, "more than one *"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := server.New(test.config)
			if err == nil {
				t.Fatal("got no error")
			}
			contains(t, err.Error(), test.want)
		})
	}
}
