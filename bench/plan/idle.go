package plan

import (
	"errors"
	"time"

	"rollcall/bench/client"
	"rollcall/bench/measure"
	"rollcall/bench/peer"
)

// Idle is what watchers cost a server while nothing happens.
type Idle struct {
	System   System
	Watchers int
	// Before and With are the server's memory without and with them, in bytes.
	Before, With int64
}

// PerWatcher is what one costs, in bytes.
func (i Idle) PerWatcher() int64 { return (i.With - i.Before) / int64(i.Watchers) }

// MeasureIdle opens watches, lets them settle, and looks at the server's memory. Garbage is
// collected when the server's own runtime finds it time.
func MeasureIdle(system System, watchers int, settle time.Duration) (idle Idle, err error) {
	server, err := startProcess("serve", system.Server)
	if err != nil {
		return Idle{}, err
	}
	defer func() { err = errors.Join(err, server.end()) }()
	if err := server.call("Address", peer.Nothing{}, new(string)); err != nil { // so it is up
		return Idle{}, err
	}
	time.Sleep(settle / 5)
	before, err := measure.UsageOf(server.command.Process.Pid)
	if err != nil {
		return Idle{}, err //nolint:wrapcheck // it says what it did
	}
	clients, err := openWatches(server, Point{System: system, Watchers: watchers, Rate: 1})
	if err != nil {
		return Idle{}, err
	}
	defer func() { err = errors.Join(err, clients.end()) }()
	time.Sleep(settle)
	with, err := measure.UsageOf(server.command.Process.Pid)
	if err != nil {
		return Idle{}, err //nolint:wrapcheck // it says what it did
	}
	var result client.Result
	if err := clients.call("Await", client.Published{}, &result); err != nil {
		return Idle{}, err
	}
	if result.CutOff > 0 {
		return Idle{}, errors.New(result.Cause)
	}
	return Idle{System: system, Watchers: watchers, Before: before.Resident, With: with.Resident}, nil
}
