package client

import (
	"context"
	"errors"
	"time"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

// Head asks where the stream ends, for as long as retryFor while no server answers.
func Head(ctx context.Context, client contactv1connect.WatchServiceClient, retryFor time.Duration, notice func(line string)) (*contactv1.Position, error) {
	var seen headPrinter

	watch := &Watch{
		Client: client, Start: StartNew(), ConnectTimeout: max(retryFor, AttemptTimeout), Printer: &seen, Notice: notice,
		purpose: "asking the server which person is the last so far",
	}
	if err := watch.Run(ctx); !errors.Is(err, errHeadSeen) {
		return nil, err
	}

	return seen.position, nil
}

var errHeadSeen = errors.New("the stream's end is seen")

// headPrinter ends a watch at its first progress.
type headPrinter struct {
	position *contactv1.Position
}

func (*headPrinter) Event(*contactv1.PersonEvent) error { return nil }
func (*headPrinter) Gap(*contactv1.Gap) error           { return nil }
func (*headPrinter) Flush() error                       { return nil }

func (h *headPrinter) Progress(progress *contactv1.Progress) error {
	h.position = progress.GetPosition()

	return errHeadSeen
}
