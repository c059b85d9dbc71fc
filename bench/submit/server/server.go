// Package server is the systems that persons are submitted to, one a process:
// rollcall, what one might write in its place, and ceilings for both.
package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rollcall/bench/rollcall"
)

// System takes submissions.
type System interface {
	// Address is where it listens.
	Address() string
	// Close ends it.
	Close()
}

// storing is a system that stores what it takes.
type storing interface {
	// Stored is how many messages its stream holds.
	Stored() (uint64, error)
}

var errStoresNothing = errors.New("it stores nothing")

var starts = map[string]func() (System, error){
	"bare":          startBare,
	"connect-bare":  startConnectBare,
	"connect-parse": startConnectParse,
	"afternoon":     startAfternoon,
	"rollcall":      startRollcall,
	"gateway":       startGateway,
	"nats":          startNATS,
}

// Start starts a system by its name.
func Start(name string) (System, error) {
	start, ok := starts[name]
	if !ok {
		names := make([]string, 0, len(starts))
		for name := range starts {
			names = append(names, name)
		}
		slices.Sort(names)
		return nil, fmt.Errorf("no system %q: there are %s", name, strings.Join(names, ", "))
	}
	started, err := start()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return started, nil
}

func startRollcall() (System, error) {
	return rollcall.Start()
}

func startGateway() (System, error) {
	return rollcall.StartGateway()
}
