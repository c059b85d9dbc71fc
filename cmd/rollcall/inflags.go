package main

import (
	"errors"
	"fmt"

	"rollcall/internal/natsserver"
	"rollcall/internal/stream"
)

// inFlags says which flag an error of the rooms below is about: they know nothing of
// the command line.
func inFlags(err error) error {
	if wrong, ok := errors.AsType[*stream.ConfigError](err); ok {
		return fmt.Errorf("%s %s: %s", streamFlag(wrong.Field), wrong.Value, wrong.Problem)
	}
	switch {
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
