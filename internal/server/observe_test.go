package server_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"rollcall/internal/server"
)

// log is what the server has logged, which it may be doing still.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func logger() (*slog.Logger, *log) {
	log := new(log)
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), log
}

func TestPanicEndsItsRequestAlone(t *testing.T) {
	t.Parallel()
	versions(t, func(t *testing.T, client *http.Client) {
		logger, log := logger()
		f := newFixture(t, server.Config{Logger: logger}, gateway())
		status, answer := ask(t, client, request(t, http.MethodGet, f.url("/gateway/panic"), nil))
		if status != http.StatusInternalServerError || answer != `{"code":"internal","message":"internal error"}` {
			t.Errorf("got %d %q", status, answer)
		}
		rpc := request(t, http.MethodPost, f.url("/gateway/panic"), strings.NewReader(""))
		rpc.Header.Set("Content-Type", "application/grpc")
		response := send(t, client, rpc)
		_, _ = io.Copy(io.Discard, response.Body) // The trailers come after it.
		if got := response.Trailer.Get("Grpc-Status"); response.StatusCode != http.StatusOK || got != "13" {
			t.Errorf("gRPC: got %d, grpc-status %q", response.StatusCode, got)
		}
		if status, _ := ask(t, client, request(t, http.MethodGet, f.url("/livez"), nil)); status != http.StatusOK {
			t.Errorf("then: got %d", status)
		}
		if err := f.stop(); err != nil {
			t.Error(err)
		}
		contains(t, log.String(), "level=WARN msg=\"handler panicked\" method=GET path=/gateway/panic panic=\"oh no\"")
	})
}

func TestPanicAfterTheAnswerBeganBreaksItOff(t *testing.T) {
	t.Parallel()
	versions(t, func(t *testing.T, client *http.Client) {
		logger, log := logger()
		f := newFixture(t, server.Config{Logger: logger}, gateway())
		response := send(t, client, request(t, http.MethodGet, f.url("/gateway/late-panic"), nil))
		if answer, err := io.ReadAll(response.Body); err == nil {
			t.Errorf("got %q as if it were whole", answer)
		}
		if err := f.stop(); err != nil {
			t.Error(err)
		}
		contains(t, log.String(), "oh no, late")
	})
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	versions(t, func(t *testing.T, client *http.Client) {
		logger, log := logger()
		f := newFixture(t, server.Config{Logger: logger}, gateway())
		ask(t, client, request(t, http.MethodPost, f.url("/gateway/size?name=secret"), strings.NewReader("12345")))
		if err := f.stop(); err != nil {
			t.Error(err)
		}
		contains(t, log.String(), "level=DEBUG msg=request method=POST path=/gateway/size protocol=HTTP/")
		contains(t, log.String(), "status=200 bytes=1 took=")
		if strings.Contains(log.String(), "secret") {
			t.Errorf("the query is logged: %s", log)
		}
	})
}
