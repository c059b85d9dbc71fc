package report

import (
	"fmt"
	"time"

	"rollcall/bench/submit"
)

// The goals of taking persons in, as rollcall has set them itself.
const (
	goalOfParse    = 0.80 // of connect-parse's requests/s
	goalParseCPU   = 1.35 // times connect-parse's CPU
	goalOfBare     = 0.50 // of bare's requests/s
	goalBinary     = 1.10 // times the requests/s in JSON
	goalOfRaw      = 0.75 // of raw publishing
	goalOverload   = 0.90 // of the most
	goalBeyondBare = 300 * time.Microsecond
	goalAccepted   = 50 * time.Millisecond
	goalRefused    = 10 * time.Millisecond
	goalEvent      = 3 * time.Millisecond
)

func submitGoals(r *submit.Results) []goal {
	ours, parse, bare := r.Find(submit.Rollcall, submit.Many), r.Find(submit.ConnectParse, submit.Many), r.Find(submit.Bare, submit.Many)
	var goals []goal
	for _, system := range []submit.System{submit.Gateway, submit.Rollcall} {
		f := r.Find(system, submit.Many)
		goals = append(goals,
			atLeast("requests/s in JSON, to connect-parse's: "+system.Name, goalOfParse, f, parse),
			cpuBeside(system, f, parse),
			atLeast("requests/s in JSON, to bare's: "+system.Name, goalOfBare, f, bare))
	}
	goals = append(goals,
		atLeast("requests/s in binary, to JSON: gateway", goalBinary, r.Find(submit.GatewayBinary, submit.Many), r.Find(submit.Gateway, submit.Many)),
		atLeast("requests/s in binary, to JSON: rollcall", goalBinary, r.Find(submit.Binary, submit.Many), ours),
		beyondBare(r))
	for _, p := range submit.Imports() {
		goals = append(goals, atLeast("persons/s, to nats async: "+p.String(), goalOfRaw, r.Imported(p), r.Imported(submit.Point{System: submit.Raw})))
	}
	for i, connections := range submit.OverloadConnections() {
		var f *submit.Figures
		if i < len(r.Overload) {
			f = r.Overload[i]
		}
		load := fmt.Sprintf(" at twice the most from %d connections", connections)
		goals = append(goals,
			atLeast("persons/s taken"+load+", to the most", goalOverload, f, ours),
			within("p99 of those taken"+load, goalAccepted, f, func(f *submit.Figures) submit.Times { return f.Accepted }),
			within("p99 of those refused"+load, goalRefused, f, func(f *submit.Figures) submit.Times { return f.Refusals }))
	}
	return append(goals,
		within("p99 from submission to watcher, 5,000/s", goalEvent, r.EndToEnd, func(f *submit.Figures) submit.Times { return f.Events }),
		allStored(r),
	)
}

// atLeast compares how many persons a second were taken.
func atLeast(name string, limit float64, ours, theirs *submit.Figures) goal {
	g := goal{name: name, want: fmt.Sprintf("≥ %.0f%%", 100*limit)}
	if ours == nil || theirs == nil || theirs.Taken == 0 {
		return g
	}
	g.got = fmt.Sprintf("%.0f%% (%s to %s)", 100*ours.Taken/theirs.Taken, count(ours.Taken), count(theirs.Taken))
	g.met = ours.Taken >= limit*theirs.Taken
	return g
}

func cpuBeside(system submit.System, ours, parse *submit.Figures) goal {
	g := goal{name: "CPU a request in JSON, to connect-parse's: " + system.Name, want: fmt.Sprintf("≤ %g×", goalParseCPU)}
	if ours == nil || parse == nil || parse.CPUPer100k() == 0 {
		return g
	}
	times := ours.CPUPer100k() / parse.CPUPer100k()
	g.got, g.met = fmt.Sprintf("%.2f×", times), times <= goalParseCPU
	return g
}

func beyondBare(r *submit.Results) goal {
	g := goal{name: "p50 in JSON at one connection, beyond bare's", want: "≤ " + fineMilliseconds(goalBeyondBare) + " ms"}
	ours, bare := r.Find(submit.Rollcall, 1), r.Find(submit.Bare, 1)
	if ours == nil || bare == nil {
		return g
	}
	more := ours.Accepted.P50 - bare.Accepted.P50
	g.got = fmt.Sprintf("%s ms (%s to %s)", fineMilliseconds(more), fineMilliseconds(ours.Accepted.P50), fineMilliseconds(bare.Accepted.P50))
	g.met = more <= goalBeyondBare
	return g
}

// within holds a 99th percentile to a limit.
func within(name string, limit time.Duration, f *submit.Figures, times func(*submit.Figures) submit.Times) goal {
	g := goal{name: name, want: "≤ " + milliseconds(limit) + " ms"}
	if f == nil {
		return g
	}
	if times(f).Count == 0 {
		g.got, g.met = "there were none", true
		return g
	}
	g.got, g.met = fineMilliseconds(times(f).P99)+" ms", times(f).P99 <= limit
	return g
}

// allStored is over all points of systems that store.
func allStored(r *submit.Results) goal {
	g := goal{name: "what was answered with OK, and nothing else, is stored", want: "everywhere", met: true}
	var ok, stored, failed int64
	for _, f := range r.All() {
		if f.Point.System.Stores {
			ok, stored, failed = ok+f.OK, stored+f.Stored, failed+f.Failed
			g.met = g.met && f.Complete()
		}
	}
	if ok > 0 {
		g.got = fmt.Sprintf("%s OK, %s stored, %s failed", count(float64(ok)), count(float64(stored)), count(float64(failed)))
	}
	return g
}
