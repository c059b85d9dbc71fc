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
	ours, parse := r.Find(submit.Rollcall, submit.Many), r.Find(submit.ConnectParse, submit.Many)
	goals := []goal{
		atLeast("requests/s in JSON, to connect-parse's", goalOfParse, ours, parse),
		cpuBeside(ours, parse),
		atLeast("requests/s in JSON, to bare's", goalOfBare, ours, r.Find(submit.Bare, submit.Many)),
		atLeast("requests/s in binary, to JSON", goalBinary, r.Find(submit.Binary, submit.Many), ours),
		beyondBare(r),
	}
	for _, streams := range submit.ImportStreams() {
		p := submit.Point{System: submit.Importing, Streams: streams}
		goals = append(goals, atLeast("persons/s by ImportPersons, "+p.Load()+", to nats async", goalOfRaw, r.Imported(streams), r.Imported(0)))
	}
	return append(goals,
		atLeast("persons/s taken at twice the most, to the most", goalOverload, r.Overload, ours),
		within("p99 of those taken at twice the most", goalAccepted, r.Overload, func(f *submit.Figures) submit.Times { return f.Accepted }),
		within("p99 of those refused at twice the most", goalRefused, r.Overload, func(f *submit.Figures) submit.Times { return f.Refusals }),
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

func cpuBeside(ours, parse *submit.Figures) goal {
	g := goal{name: "CPU a request in JSON, to connect-parse's", want: fmt.Sprintf("≤ %g×", goalParseCPU)}
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
