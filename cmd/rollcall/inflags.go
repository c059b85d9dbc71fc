package main

import (
	"cmp"
	"errors"
	"fmt"

	"rollcall/internal/client"
	"rollcall/internal/format"
	"rollcall/internal/natsserver"
	"rollcall/internal/stream"
)

// inFlags says which flag an error of the rooms below is about: they know nothing of
// the command line.
func inFlags(err error) error {
	if wrong, ok := errors.AsType[*stream.ConfigError](err); ok {
		return fmt.Errorf("%s %s: %s", streamFlag(wrong.Field), wrong.Value, wrong.Problem)
	}
	if wrong, ok := errors.AsType[*format.ColumnError](err); ok {
		return fmt.Errorf("%w (%s)", err, mapFlag(wrong))
	}
	switch {
	case errors.Is(err, client.ErrHTTP2Required):
		return fmt.Errorf("%w: give a --server that has it", err)
	case errors.Is(err, stream.ErrNoStream):
		return fmt.Errorf("%w; or start with --create-stream", err)
	case errors.Is(err, stream.ErrSubject):
		return fmt.Errorf("%w: give its subject as --subject", err)
	case errors.Is(err, natsserver.ErrListen):
		return fmt.Errorf("--nats-listen: %w", err)
	case errors.Is(err, natsserver.ErrInUse):
		return fmt.Errorf("--data: %w", err)
	}
	return err
}

// streamFlag is the flag that sets a field of stream.Config.
func streamFlag(field string) string {
	switch field {
	case "Name":
		return "--stream"
	case "Subject":
		return "--subject"
	case "Replicas":
		return "--replicas"
	case "Storage":
		return "--storage"
	case "MaxBytes":
		return "--max-bytes"
	case "MaxAge":
		return "--max-age"
	case "DuplicateWindow":
		return "--duplicate-window"
	default:
		return "the stream's " + field
	}
}

// mapFlag is the mapping that has the mistake in a CSV's columns, or that mends it.
func mapFlag(wrong *format.ColumnError) string {
	flag := fmt.Sprintf("--map '%s=%s'", cmp.Or(wrong.Column, "COLUMN"), cmp.Or(wrong.Field, "FIELD"))
	if wrong.Field == "" {
		flag += ", or --map '*=-' for all such"
	}
	return flag
}
