package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"rollcall/bench/plan"
	"rollcall/bench/process"
	"rollcall/bench/report"
)

// TestMain lets the test's binary be the server and client processes as well.
func TestMain(m *testing.M) {
	if os.Getenv(process.AsCommand) != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// smoke is too short for figures, but long enough to see that every event comes.
func smoke() plan.Measurer {
	return plan.Measurer{Warmup: 100 * time.Millisecond, Window: 500 * time.Millisecond}
}

func TestEverySystemDeliversAll(t *testing.T) {
	t.Parallel()
	for _, system := range append(plan.Systems(), plan.RollcallJSON, plan.RollcallHTTP2) {
		t.Run(system.Name, func(t *testing.T) {
			t.Parallel()
			m := smoke()
			f, err := m.Measure(plan.Point{System: system, Watchers: 3, Rate: 100})
			if err != nil {
				t.Fatal(err)
			}
			if f.Lost+f.Disordered+f.CutOff > 0 || f.Trouble != "" {
				t.Errorf("lost %d, disordered %d, cut off %d: %s", f.Lost, f.Disordered, f.CutOff, f.Trouble)
			}
			if f.Published <= 0 || f.Deliveries <= 0 || f.Resident <= 0 || f.Writes <= 0 || f.P50 <= 0 || f.P999 < f.P99 || f.P99 < f.P50 {
				t.Errorf("no figures to believe: %+v", f)
			}
		})
	}
}

func TestStalledWatchersAreNotCounted(t *testing.T) {
	t.Parallel()
	m := smoke()
	f, err := m.Measure(plan.Point{System: plan.Rollcall, Watchers: 3, Rate: 100, Stalled: 2})
	if err != nil {
		t.Fatal(err)
	}
	if f.Lost > 0 || f.Deliveries <= 0 || f.Deliveries > 250 {
		t.Errorf("one watcher of a hundred events a second was delivered %.0f, and lost %d", f.Deliveries, f.Lost)
	}
}

func TestIdleWatchers(t *testing.T) {
	t.Parallel()
	idle, err := plan.MeasureIdle(plan.Rollcall, 50, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if idle.Before <= 0 || idle.With <= 0 {
		t.Errorf("no figures to believe: %+v", idle)
	}
}

func TestSuiteWritesAPage(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	s := (&runCmd{Seconds: 0.2, Systems: []plan.System{plan.Afternoon}, Points: []plan.Load{{Watchers: 2, Rate: 50}}}).suite()
	s.Progress = &said
	results, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	page := report.Markdown(results)
	for _, want := range []string{"# Results", "| 2 × 50/s", "| afternoon", "not measured", "## Where and when"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	if !strings.Contains(said.String(), "afternoon 2 × 50/s") {
		t.Errorf("progress was %q", said.String())
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"run", "--points", "5000"}, {"run", "--systems", "pigeons"}, {"run", "--parts", "most", "--seconds", "0"}} {
		if got := run(args); got == 0 {
			t.Errorf("%v: exit status %d", args, got)
		}
	}
}
