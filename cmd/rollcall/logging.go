package main

import (
	"io"
	"log/slog"

	"rollcall/cmd/rollcall/terminal"
)

// newLogger logs text for people on a terminal and JSON for machines otherwise.
func newLogger(out io.Writer, level string) *slog.Logger {
	var parsed slog.Level
	// The grammar allows known levels only; the zero Level is info.
	_ = parsed.UnmarshalText([]byte(level))

	options := &slog.HandlerOptions{Level: parsed}
	if terminal.Is(out) {
		return slog.New(slog.NewTextHandler(out, options))
	}

	return slog.New(slog.NewJSONHandler(out, options))
}
