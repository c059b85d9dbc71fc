package peer

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/dunglas/mercure"

	"rollcall/bench/listen"
)

// mercureHub is a Mercure hub with its local transport: nothing is stored.
type mercureHub struct {
	*listen.Site

	hub *mercure.Hub
}

func startMercure() (Peer, error) {
	hub, err := mercure.NewHub(context.Background(),
		mercure.WithAnonymous(),
		mercure.WithTransport(mercure.NewLocalTransport(mercure.NewSubscriberList(mercure.DefaultSubscriberListCacheSize))),
		mercure.WithLogger(slog.New(slog.DiscardHandler)),
		// Deadlines are moved for every event; without them a hub is quicker.
		mercure.WithWriteTimeout(0),
		mercure.WithDispatchTimeout(0),
		mercure.WithHeartbeat(0),
	)
	if err != nil {
		return nil, fmt.Errorf("set up a hub: %w", err)
	}
	s, err := listen.HTTP(hub)
	if err != nil {
		return nil, err
	}
	return &mercureHub{Site: s, hub: hub}, nil
}

// Publish dispatches a public update.
func (m *mercureHub) Publish(event []byte) error {
	err := m.hub.Publish(context.Background(), &mercure.Update{
		Topics: []string{topic},
		Event:  mercure.Event{Data: string(event)},
	})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}
