// Package peer is the systems that are measured, one a process: rollcall and what
// else one might use in its place.
package peer

import (
	"fmt"
	"slices"
	"strings"
)

// Peer sends what is published to all who watch.
type Peer interface {
	// Address is where it listens.
	Address() string
	// Publish sends a payload on its way to all watchers. The bytes are the
	// caller's again when it returns.
	Publish(payload []byte) error
	// Close ends it.
	Close()
}

// topic is what all events are published on, where there is such a thing.
const topic = "persons"

var starts = map[string]func() (Peer, error){
	"rollcall":           startRollcall,
	"centrifuge":         startCentrifuge,
	"centrifuge-delayed": startCentrifugeDelayed,
	"mercure":            startMercure,
	"afternoon":          startAfternoon,
	"nats":               startNATS,
	"floor":              startFloor,
}

// Names returns the systems there are.
func Names() []string {
	names := make([]string, 0, len(starts))
	for name := range starts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Start starts a system by its name.
func Start(name string) (Peer, error) {
	start, ok := starts[name]
	if !ok {
		return nil, fmt.Errorf("no system %q: there are %s", name, strings.Join(Names(), ", "))
	}
	started, err := start()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return started, nil
}
