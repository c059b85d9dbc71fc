package peer

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/centrifugal/centrifuge"

	"rollcall/bench/listen"
)

// centrifugeNode is a node of Centrifuge with its broker in memory: nothing is stored.
type centrifugeNode struct {
	*listen.Site

	node *centrifuge.Node
}

// The settings that were tried: frames of any number of messages against the default
// of 16, delays of 0, 1, 5, 20 and 100 ms before a write, with and without a timer
// instead of a goroutine. Two are kept: the quickest, and the one that delivers most.
const (
	noDelay   = 0
	longDelay = 100 * time.Millisecond
)

func startCentrifuge() (Peer, error) { return startNode(noDelay) }

func startCentrifugeDelayed() (Peer, error) { return startNode(longDelay) }

func startNode(delay time.Duration) (Peer, error) {
	node, err := centrifuge.New(centrifuge.Config{
		LogLevel: centrifuge.LogLevelNone,
		// A client that falls behind by more is cut off; 1 MiB by default, which is a
		// second of 10,000 events.
		ClientQueueMaxSize: 64 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("set up a node: %w", err)
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return connectReply(delay), nil
	})
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("run the node: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/connection/websocket", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		UseWriteBufferPool: true,
		CheckOrigin:        func(*http.Request) bool { return true },
	}))
	s, err := listen.HTTP(mux)
	if err != nil {
		return nil, err
	}
	return &centrifugeNode{Site: s, node: node}, nil
}

// connectReply subscribes whoever connects.
func connectReply(delay time.Duration) centrifuge.ConnectReply {
	return centrifuge.ConnectReply{
		Credentials:        &centrifuge.Credentials{},
		Subscriptions:      map[string]centrifuge.SubscribeOptions{topic: {}},
		ReplyWithoutQueue:  true,
		MaxMessagesInFrame: -1,
		WriteDelay:         delay,
		WriteWithTimer:     delay > 0,
	}
}

// Publish publishes without history.
func (c *centrifugeNode) Publish(event []byte) error {
	if _, err := c.node.Publish(topic, event); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}
