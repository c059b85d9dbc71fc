package plan

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"rollcall/bench/client"
	"rollcall/bench/measure"
	"rollcall/bench/peer"
	"rollcall/bench/process"
)

// Measurer measures points.
type Measurer struct {
	// Warmup is how long events are sent before the Window, which is what counts.
	Warmup, Window time.Duration
	// Profiles is where each server's CPU profile is written; empty for none.
	Profiles string
}

// sampled is of about how many events a second the time is taken.
const sampled = 500

// sampleEvery spreads the samples: odd, so that it does not fall in step with the
// publisher's batches.
func sampleEvery(rate int) uint64 { return uint64(rate/sampled) | 1 } //nolint:gosec // a rate is not negative

// Measure runs a point.
func (m *Measurer) Measure(p Point) (f *Figures, err error) {
	server, clients, err := start(p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, clients.End(), server.End()) }()
	if err := server.Call("Publish", p.Rate, &peer.Nothing{}); err != nil {
		return nil, err
	}
	time.Sleep(m.Warmup)
	f, err = m.window(p, server, clients)
	if err != nil {
		return nil, err
	}
	return f, m.finish(f, server, clients)
}

// start starts the server and opens all watches.
func start(p Point) (server, clients *process.Process, err error) {
	server, err = process.Start("serve", p.System.Server)
	if err != nil {
		return nil, nil, err
	}
	clients, err = openWatches(server, p)
	if err != nil {
		return nil, nil, errors.Join(err, server.End())
	}
	return server, clients, nil
}

func openWatches(server *process.Process, p Point) (*process.Process, error) {
	var address string
	if err := server.Call("Address", peer.Nothing{}, &address); err != nil {
		return nil, err
	}
	clients, err := process.Start("clients")
	if err != nil {
		return nil, err
	}
	watch := client.Watch{
		Address: address, Protocol: p.System.Protocol,
		Watchers: p.Watchers - p.Stalled, Stalled: p.Stalled, Filters: filters(p.Filters),
		SampleEvery: sampleEvery(p.Rate),
	}
	if err := clients.Call("Open", watch, &client.Nothing{}); err != nil {
		return nil, errors.Join(err, clients.End())
	}
	return clients, nil
}

// window measures while events go through.
func (m *Measurer) window(p Point, server, clients *process.Process) (*Figures, error) {
	if m.Profiles != "" {
		path := filepath.Join(m.Profiles, profileName(p))
		if err := server.Call("Profile", path, &peer.Nothing{}); err != nil {
			return nil, err
		}
	}
	begin, err := look(server, clients, "Begin")
	if err != nil {
		return nil, err
	}
	time.Sleep(m.Window)
	end, err := look(server, clients, "End")
	if err != nil {
		return nil, err
	}
	if m.Profiles != "" {
		if err := server.Call("EndProfile", peer.Nothing{}, &peer.Nothing{}); err != nil {
			return nil, err
		}
	}
	took := end.usage.At.Sub(begin.usage.At).Seconds()
	served, watched := end.usage.CPU-begin.usage.CPU, end.clients-begin.clients
	return &Figures{
		Point:      p,
		Published:  float64(end.published-begin.published) / took,
		Deliveries: float64(end.deliveries-begin.deliveries) / took,
		CPU:        served.Seconds() / took,
		Clients:    watched.Seconds() / took,
		Others:     max((end.busy-begin.busy-served-watched).Seconds()/took, 0),
		Writes:     float64(end.usage.Writes-begin.usage.Writes) / took,
		Resident:   end.usage.Resident,
	}, nil
}

// moment is how things stand.
type moment struct {
	usage      measure.Usage
	published  uint64
	deliveries int64
	// clients and busy are the CPU time of the clients and of the machine.
	clients, busy time.Duration
}

func look(server, clients *process.Process, method string) (moment, error) {
	var now moment
	var counts client.Counts
	if err := clients.Call(method, client.Nothing{}, &counts); err != nil {
		return moment{}, err
	}
	now.deliveries = counts.Deliveries
	if err := server.Call("Count", peer.Nothing{}, &now.published); err != nil {
		return moment{}, err
	}
	watching, err := measure.UsageOf(clients.PID())
	if err != nil {
		return moment{}, err
	}
	now.clients = watching.CPU
	if now.busy, err = measure.MachineBusy(); err != nil {
		return moment{}, err
	}
	if now.usage, err = measure.UsageOf(server.PID()); err != nil {
		return moment{}, err
	}
	return now, nil
}

// patience bounds the wait for what is still on its way at the end.
const patience = 20 * time.Second

// finish stops the publishing and checks that all has come.
func (m *Measurer) finish(f *Figures, server, clients *process.Process) error {
	var published peer.Published
	if err := server.Call("Stop", peer.Nothing{}, &published); err != nil {
		return err
	}
	var result client.Result
	if err := clients.Call("Await", client.Published{Last: published.Last, Patience: patience}, &result); err != nil {
		return err
	}
	f.times(result.Times)
	f.Late = published.LateP99
	f.Lost, f.Disordered, f.CutOff = result.Lost, result.Disordered, result.CutOff
	f.Trouble = result.Cause
	if published.Failed != "" {
		f.Trouble = published.Failed
	}
	return nil
}

// filters returns so many filters that let every event through.
func filters(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("person.name != %q", fmt.Sprintf("nobody %d", i))
	}
	return all
}

// profileName is a file's name for a point's profile.
func profileName(p Point) string {
	name := strings.NewReplacer(" ", "-", ",", "", "/", "").Replace(p.System.Name)
	return fmt.Sprintf("%s-%dx%d-stalled%d-filters%d.pprof", name, p.Watchers, p.Rate, p.Stalled, p.Filters)
}
