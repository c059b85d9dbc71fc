package plan

import (
	"errors"
	"time"

	"rollcall/bench/client"
	"rollcall/bench/measure"
	"rollcall/bench/peer"
	"rollcall/bench/process"
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
	server, err := process.Start("serve", system.Server)
	if err != nil {
		return Idle{}, err
	}
	defer func() { err = errors.Join(err, server.End()) }()
	if err := server.Call("Address", peer.Nothing{}, new(string)); err != nil { // so it is up
		return Idle{}, err
	}
	time.Sleep(settle / 5)
	before, err := measure.UsageOf(server.PID())
	if err != nil {
		return Idle{}, err
	}
	clients, err := openWatches(server, Point{System: system, Watchers: watchers, Rate: 1})
	if err != nil {
		return Idle{}, err
	}
	defer func() { err = errors.Join(err, clients.End()) }()
	time.Sleep(settle)
	with, err := measure.UsageOf(server.PID())
	if err != nil {
		return Idle{}, err
	}
	var result client.Result
	if err := clients.Call("Await", client.Published{}, &result); err != nil {
		return Idle{}, err
	}
	if result.CutOff > 0 {
		return Idle{}, errors.New(result.Cause)
	}
	return Idle{System: system, Watchers: watchers, Before: before.Resident, With: with.Resident}, nil
}
