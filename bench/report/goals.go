package report

import (
	"fmt"
	"time"

	"rollcall/bench/plan"
)

// The goals, as rollcall has set them itself.
const (
	goalDeliveries  = 10.0 // times Centrifuge's best
	goalCPUPerWrite = 1.15 // times Centrifuge's
	goalCPU         = 1.0  // times Centrifuge's
	goalStalled     = 1.5  // times the p99 without
	goalFilters     = 3.0  // times the CPU without
	goalJSON        = 2.0  // times the CPU of binary
	goalIdle        = 30.0 // KiB
)

// goal is what rollcall wants to hold, and what was measured of it.
type goal struct {
	name, want, got string
	met             bool
}

func (g goal) verdict() string {
	switch {
	case g.got == "":
		return "not measured"
	case g.met:
		return "met"
	default:
		return "NOT MET"
	}
}

func point(s plan.System, watchers, rate int) plan.Point {
	return plan.Point{System: s, Watchers: watchers, Rate: rate}
}

func goals(r *plan.Results) []goal {
	return []goal{
		complete(r), deliveries(r),
		ratio("CPU a write, 100 × 1,000/s, to Centrifuge's", goalCPUPerWrite,
			r.Find(point(plan.Rollcall, 100, 1000)), r.Find(point(plan.Centrifuge, 100, 1000)),
			func(f *plan.Figures) float64 { return float64(f.CPUPerWrite()) }),
		ratio("net CPU a delivery, 1,000 × 1,000/s, to Centrifuge's", goalCPU,
			r.Find(plan.Plain), r.Find(point(plan.Centrifuge, 1000, 1000)), netCPU),
		latency(r, 100, 1000, 4*time.Millisecond),
		latency(r, 1000, 1000, 35*time.Millisecond),
		latency(r, 1000, 10_000, 200*time.Millisecond),
		ratio("p99 beside 300 stalled of 1,000, to none stalled", goalStalled,
			r.Find(plan.WithStalled), r.Find(plan.Plain), func(f *plan.Figures) float64 { return float64(f.P99) }),
		ratio("net CPU with 100 filters, to none", goalFilters, r.Find(plan.WithFilters), r.Find(plan.Plain), netCPU),
		ratio("net CPU in JSON, to binary", goalJSON, r.Find(plan.InJSON), r.Find(plan.Plain), netCPU),
		memory(r),
	}
}

func netCPU(f *plan.Figures) float64 { return float64(f.NetCPU()) }

func complete(r *plan.Results) goal {
	g := goal{name: "1,000 × 10,000/s", want: "reached, nothing lost"}
	if f := r.Find(point(plan.Rollcall, 1000, 10_000)); f != nil {
		g.got = fmt.Sprintf("%s/s, %s lost", count(f.Published), count(float64(f.Lost)))
		g.met = f.Complete()
	}
	return g
}

// deliveries compares the most that each delivered at 1,000 watchers, whatever
// Centrifuge's settings.
func deliveries(r *plan.Results) goal {
	g := goal{name: "most deliveries/s to 1,000, to Centrifuge's", want: fmt.Sprintf("≥ %.0f×", goalDeliveries)}
	ours := most(r, plan.Rollcall)
	for _, f := range r.Raised {
		if !plan.Broke(f) {
			ours = max(ours, f.Deliveries)
		}
	}
	quick, delayed := most(r, plan.Centrifuge), most(r, plan.CentrifugeDelayed)
	if ours == 0 || quick == 0 {
		return g
	}
	best := max(quick, delayed)
	g.got, g.met = fmt.Sprintf("%.1f× (%.1f to %.1f million", ours/best, ours/1e6, best/1e6), ours >= goalDeliveries*best
	if delayed > quick {
		g.got += fmt.Sprintf("; %.1f× without its delay, %.1f million", ours/quick, quick/1e6)
	}
	g.got += ")"
	return g
}

func most(r *plan.Results, s plan.System) (most float64) {
	for _, f := range r.Figures {
		if f.Point.System == s && f.Point.Watchers == plan.Plain.Watchers {
			most = max(most, f.Deliveries)
		}
	}
	return most
}

func ratio(name string, limit float64, ours, theirs *plan.Figures, figure func(*plan.Figures) float64) goal {
	g := goal{name: name, want: fmt.Sprintf("≤ %g×", limit)}
	if ours == nil || theirs == nil || figure(ours) == 0 || figure(theirs) == 0 {
		return g
	}
	times := figure(ours) / figure(theirs)
	g.got, g.met = fmt.Sprintf("%.2f×", times), times <= limit
	return g
}

func latency(r *plan.Results, watchers, rate int, limit time.Duration) goal {
	p := point(plan.Rollcall, watchers, rate)
	g := goal{name: "p99, " + p.Load(), want: fmt.Sprintf("≤ %s ms", milliseconds(limit))}
	if f := r.Find(p); f != nil {
		g.got, g.met = milliseconds(f.P99)+" ms", f.P99 <= limit
	}
	return g
}

func memory(r *plan.Results) goal {
	g := goal{name: "memory of an idle watcher, HTTP/1.1", want: fmt.Sprintf("≤ %g KiB", goalIdle)}
	for _, idle := range r.Idle {
		if idle.System == plan.Rollcall {
			kib := float64(idle.PerWatcher()) / 1024
			g.got, g.met = fmt.Sprintf("%.1f KiB", kib), kib <= goalIdle
		}
	}
	return g
}
