// Package plan says what is measured, and measures it: each point with a server
// process and a client process of its own.
package plan

import (
	"fmt"
	"strconv"
	"time"

	"rollcall/bench/measure"
)

// System is something to be measured, the way its clients speak to it included.
type System struct {
	Name string
	// Server is the name of the peer, and Protocol of what its clients speak.
	Server, Protocol string
}

// Point is one measurement.
type Point struct {
	System   System
	Watchers int
	// Rate is how many events are published in a second.
	Rate int
	// Stalled watchers are among the Watchers and read nothing.
	Stalled int
	// Filters is how many distinct filters the watchers have, all of which let every
	// event through; 0 is none.
	Filters int
}

// Load is the point without its system, as people say it.
func (p Point) Load() string {
	text := fmt.Sprintf("%s × %s/s", thousands(p.Watchers), thousands(p.Rate))
	if p.Stalled > 0 {
		text += fmt.Sprintf(", %d stalled", p.Stalled)
	}
	if p.Filters > 0 {
		text += fmt.Sprintf(", %d filters", p.Filters)
	}
	return text
}

func (p Point) String() string { return p.System.Name + " " + p.Load() }

// Figures are what was measured at a point.
type Figures struct {
	Point Point
	// Published is how many events a second were published in fact.
	Published float64
	// Deliveries is how many events a second all watchers received.
	Deliveries float64
	// CPU is what a second cost the server, in seconds.
	CPU float64
	// Clients is what the clients used meanwhile, and Others what all other processes
	// on the machine did, which should be nothing.
	Clients, Others float64
	// Writes is how many write system calls a second the server made.
	Writes float64
	// Resident is the server's memory at the end, in bytes.
	Resident int64
	// How long after its publishing an event was received.
	P50, P99, P999 time.Duration
	// Late is by how much the publisher was late at its 99th percentile.
	Late time.Duration

	Lost, Disordered, CutOff int64
	// Trouble is why the system took no more events or cut a watcher off.
	Trouble string
	// Alone is the same rate with one watcher.
	Alone *Figures
}

// RawCPU is what a delivery cost the server.
func (f *Figures) RawCPU() time.Duration { return seconds(f.CPU / f.Deliveries) }

// NetCPU is what each delivery beyond one watcher's cost.
func (f *Figures) NetCPU() time.Duration {
	if f.Alone == nil || f.Deliveries <= f.Alone.Deliveries {
		return 0
	}
	return seconds((f.CPU - f.aloneCPU()) / (f.Deliveries - f.aloneDeliveries()))
}

// NetWrites is how many write system calls each delivery beyond one watcher's took.
func (f *Figures) NetWrites() float64 {
	if f.Alone == nil || f.Deliveries <= f.Alone.Deliveries {
		return 0
	}
	return (f.Writes - f.Alone.Writes*f.share()) / (f.Deliveries - f.aloneDeliveries())
}

// CPUPerWrite is the net cost of a write system call, all that leads to it included.
func (f *Figures) CPUPerWrite() time.Duration {
	if f.NetWrites() <= 0 {
		return 0
	}
	return time.Duration(float64(f.NetCPU()) / f.NetWrites())
}

// share is what of the events that one watcher alone was sent was published here:
// a system that can't keep up publishes fewer.
func (f *Figures) share() float64 {
	if f.Alone.Published == 0 {
		return 0
	}
	return min(f.Published/f.Alone.Published, 1)
}

func (f *Figures) aloneCPU() float64        { return f.Alone.CPU * f.share() }
func (f *Figures) aloneDeliveries() float64 { return f.Alone.Deliveries * f.share() }

// Complete reports whether the rate was reached and every watcher was sent every
// event, in order.
func (f *Figures) Complete() bool {
	return f.Lost == 0 && f.Disordered == 0 && f.CutOff == 0 && f.Reached()
}

// reachedShare is how near to the rate counts as reached.
const reachedShare = 0.98

// Reached reports whether the events were published and received at the rate.
func (f *Figures) Reached() bool {
	rate := float64(f.Point.Rate)
	reading := float64(f.Point.Watchers - f.Point.Stalled)
	return f.Published >= reachedShare*rate && f.Deliveries >= reachedShare*rate*reading
}

func (f *Figures) times(h *measure.Histogram) {
	f.P50, f.P99, f.P999 = h.Quantile(0.5), h.Quantile(0.99), h.Quantile(0.999)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
