package submit

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"rollcall/bench/measure"
	"rollcall/bench/process"
	"rollcall/bench/submit/load"
)

const (
	// batch is how many submissions a message of an import has.
	batch = 100
	// patience bounds the wait for what is still on its way at the end.
	patience = 20 * time.Second
)

// Measurer measures points.
type Measurer struct {
	// Warmup is how long the load is made before the Window, which is what counts.
	Warmup, Window time.Duration
	// Profiles is where each server's CPU profile is written; empty for none.
	Profiles string
}

// Measure runs a point.
func (m *Measurer) Measure(p Point) (f *Figures, err error) {
	server, err := p.System.start()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.End()) }()
	loader, err := open(p, server)
	if err != nil {
		return nil, err
	}
	if loader != server {
		defer func() { err = errors.Join(err, loader.End()) }()
	}
	if err := loader.Call("Start", process.Nothing{}, &process.Nothing{}); err != nil {
		return nil, err
	}
	time.Sleep(m.Warmup)
	if f, err = m.window(p, server, loader); err != nil {
		return nil, err
	}
	return f, finish(f, server, loader)
}

// start starts the system's process.
func (s System) start() (*process.Process, error) {
	if s.Program != "" {
		return process.StartBeside(s.Program)
	}
	return process.Start("take", s.Server)
}

// open starts what makes the load and opens its connections. Where the system makes
// its own, it is the server.
func open(p Point, server *process.Process) (*process.Process, error) {
	var address string
	if err := server.Call("Address", process.Nothing{}, &address); err != nil { // so it is up
		return nil, err
	}
	if p.System == Raw {
		return server, nil
	}
	loader, err := process.Start("submitters")
	if err != nil {
		return nil, err
	}
	if p.Streams > 0 {
		err = loader.Call("Import", load.Imports{Address: address, Streams: p.Streams, Batch: batch}, &process.Nothing{})
	} else {
		err = loader.Call("Submit", load.Submissions{
			Address: address, Encoding: p.System.Encoding, Keyed: p.System.Keyed, Plain: p.System == Bare,
			Connections: p.Connections, Rate: p.Rate, Patient: p.Patient, Watched: p.Watched,
		}, &process.Nothing{})
	}
	if err != nil {
		return nil, errors.Join(err, loader.End())
	}
	return loader, nil
}

// window measures while the load is made.
func (m *Measurer) window(p Point, server, loader *process.Process) (*Figures, error) {
	if m.Profiles != "" {
		if err := server.Call("Profile", filepath.Join(m.Profiles, profileName(p)), &process.Nothing{}); err != nil {
			return nil, err
		}
	}
	begin, err := look(server, loader, "Begin")
	if err != nil {
		return nil, err
	}
	time.Sleep(m.Window)
	end, err := look(server, loader, "End")
	if err != nil {
		return nil, err
	}
	if m.Profiles != "" {
		if err := server.Call("EndProfile", process.Nothing{}, &process.Nothing{}); err != nil {
			return nil, err
		}
	}
	took := end.usage.At.Sub(begin.usage.At).Seconds()
	a, b := begin.counts, end.counts
	served, loaded := end.usage.CPU-begin.usage.CPU, end.loader-begin.loader
	return &Figures{
		Point: p,
		Taken: float64(b.OK-a.OK) / took, Refused: float64(b.Refused-a.Refused) / took, Unsent: float64(b.Unsent-a.Unsent) / took,
		CPU: served.Seconds() / took, Clients: loaded.Seconds() / took,
		Others:   max((end.busy-begin.busy-served-loaded).Seconds()/took, 0),
		Resident: end.usage.Resident,
	}, nil
}

// moment is how things stand.
type moment struct {
	usage  measure.Usage
	counts load.Counts
	// loader and busy are the CPU time of what makes the load and of the machine.
	loader, busy time.Duration
}

func look(server, loader *process.Process, method string) (now moment, err error) {
	if err := loader.Call(method, process.Nothing{}, &now.counts); err != nil {
		return moment{}, err
	}
	if loader != server {
		usage, err := measure.UsageOf(loader.PID())
		if err != nil {
			return moment{}, err
		}
		now.loader = usage.CPU
	}
	if now.busy, err = measure.MachineBusy(); err != nil {
		return moment{}, err
	}
	if now.usage, err = measure.UsageOf(server.PID()); err != nil {
		return moment{}, err
	}
	return now, nil
}

// finish ends the load and compares what was answered with what is stored.
func finish(f *Figures, server, loader *process.Process) error {
	var result load.Result
	if err := loader.Call("Finish", load.Last{Patience: patience}, &result); err != nil {
		return err
	}
	f.Accepted, f.Refusals, f.Late, f.Events = timesOf(result.Accepted), timesOf(result.Refusals), timesOf(result.Late), timesOf(result.Events)
	f.OK, f.Failed, f.Trouble = result.OK, result.Failed, result.Cause
	if !f.Point.System.Stores {
		return nil
	}
	return server.Call("Stored", process.Nothing{}, &f.Stored)
}

// profileName is a file's name for a point's profile.
func profileName(p Point) string {
	name := strings.NewReplacer(" ", "-", ",", "", "/", "", "×", "x").Replace(p.String())
	return fmt.Sprintf("submit-%s.pprof", name)
}
