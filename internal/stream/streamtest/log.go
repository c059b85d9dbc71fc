package streamtest

import (
	"log/slog"
	"strings"
	"sync"
)

// Log keeps what is logged, from any goroutine.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Logger logs into l.
func (l *Log) Logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Messages is what was logged, without its attributes.
func (l *Log) Messages() []string {
	var all []string
	for line := range strings.Lines(l.String()) {
		_, text, _ := strings.Cut(line, `msg="`)
		text, _, _ = strings.Cut(text, `"`)
		all = append(all, text)
	}
	return all
}

// String is all that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
