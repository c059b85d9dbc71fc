package submit

import (
	"fmt"
	"time"

	"rollcall/bench/measure"
)

// Point is one measurement.
type Point struct {
	System System
	// Connections carry single submissions, one at a time each.
	Connections int
	// Rate is how many are due a second; 0 sends the next as soon as the last is
	// answered.
	Rate int
	// Patient submissions wait for a free connection; others are not sent.
	Patient bool
	// Watched submissions are watched for as events.
	Watched bool
	// Streams carry imports, in place of connections.
	Streams int
}

// Load is the point without its system, as people say it.
func (p Point) Load() string {
	switch {
	case p.System == Raw:
		return "in the server"
	case p.Streams == 1:
		return "1 stream"
	case p.Streams > 0:
		return fmt.Sprintf("%d streams", p.Streams)
	case p.Rate > 0:
		return fmt.Sprintf("%d × %d/s", p.Connections, p.Rate)
	}
	return fmt.Sprintf("%d at a time", p.Connections)
}

func (p Point) String() string { return p.System.Name + ", " + p.Load() }

// Figures are what was measured at a point.
type Figures struct {
	Point Point
	// Taken is how many persons a second were taken, Refused how many were refused
	// for the load, and Unsent how many found no free connection.
	Taken, Refused, Unsent float64
	// CPU is what a second cost the server, in seconds; Clients is what the senders
	// used, and Others what all other processes on the machine did.
	CPU, Clients, Others float64
	// Resident is the server's memory at the end, in bytes.
	Resident int64
	// Accepted is how long it took until a person was taken, Refusals until it was
	// refused, Late how late requests were sent, and Events how long after sending a
	// person its watcher received it.
	Accepted, Refusals, Late, Events Times

	// OK is how many were answered with OK in all, Stored how many the stream then
	// held, and Failed how many had another answer or none.
	OK, Stored, Failed int64
	// Trouble is why the last of them failed.
	Trouble string
}

// Times are quantiles.
type Times struct {
	Count          uint64
	P50, P99, P999 time.Duration
}

func timesOf(h *measure.Histogram) Times {
	return Times{Count: h.Total, P50: h.Quantile(0.5), P99: h.Quantile(0.99), P999: h.Quantile(0.999)}
}

// hundredThousand is how many persons CPU time is told for.
const hundredThousand = 100_000

// CPUPer100k is what 100,000 answers cost the server, in seconds.
func (f *Figures) CPUPer100k() float64 {
	if f.Taken+f.Refused == 0 {
		return 0
	}
	return hundredThousand * f.CPU / (f.Taken + f.Refused)
}

// Complete reports whether everything was answered, and exactly what was answered
// with OK is stored.
func (f *Figures) Complete() bool {
	return f.Failed == 0 && (!f.Point.System.Stores || f.OK == f.Stored)
}
