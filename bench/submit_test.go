package main

import (
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"rollcall/bench/plan"
	"rollcall/bench/process"
	"rollcall/bench/report"
	"rollcall/bench/submit"
)

// smokeSubmit is too short for figures, but long enough to see that all is taken.
func smokeSubmit() submit.Measurer {
	return submit.Measurer{Warmup: 100 * time.Millisecond, Window: 500 * time.Millisecond}
}

// submitPoint measures a point at which nothing may fail.
func submitPoint(t *testing.T, p submit.Point) *submit.Figures {
	t.Helper()
	m := smokeSubmit()
	f, err := m.Measure(p)
	if err != nil {
		t.Fatal(err)
	}
	if !f.Complete() || f.OK == 0 {
		t.Errorf("%d OK, %d stored, %d failed: %s", f.OK, f.Stored, f.Failed, f.Trouble)
	}
	if f.Resident <= 0 { // how many were taken in so short a time is up to the machine
		t.Errorf("no figures to believe: %+v", f)
	}
	return f
}

// buildBeside builds a system's program, if it has one of its own, where it is looked
// for.
func buildBeside(t *testing.T, program string) {
	t.Helper()
	if program == "" {
		return
	}
	path, err := process.Beside(program)
	if err != nil {
		t.Fatal(err)
	}
	source := "./" + strings.TrimPrefix(program, "bench-")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, source).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", source, err, out)
	}
}

func TestEverySystemTakesAll(t *testing.T) {
	for _, system := range submit.Systems() {
		t.Run(system.Name, func(t *testing.T) {
			buildBeside(t, system.Program)
			f := submitPoint(t, submit.Point{System: system, Connections: 3})
			if f.Accepted.Count == 0 || f.Accepted.P50 <= 0 || f.Accepted.P99 < f.Accepted.P50 {
				t.Errorf("no times to believe: %+v", f.Accepted)
			}
		})
	}
}

func TestImports(t *testing.T) {
	for _, p := range []submit.Point{{System: submit.Raw}, {System: submit.Importing, Streams: 1}, {System: submit.Importing, Streams: 3}} {
		t.Run(p.String(), func(t *testing.T) {
			submitPoint(t, p)
		})
	}
}

func TestOpenLoop(t *testing.T) {
	f := submitPoint(t, submit.Point{System: submit.Rollcall, Connections: 8, Rate: 200, Patient: true, Watched: true})
	if f.Taken > 300 || f.Events.Count == 0 || f.Events.P50 <= 0 || f.Unsent > 0 {
		t.Errorf("no figures to believe: %+v", f)
	}
}

// TestOverload submits from more connections than are admitted. Which are refused,
// and how many, is up to the machine.
func TestOverload(t *testing.T) {
	f := submitPoint(t, submit.Point{System: submit.Rollcall, Connections: 600, Rate: 200_000})
	if f.Unsent == 0 {
		t.Errorf("all of 200,000/s were sent: %+v", f)
	}
}

func TestSubmitPartsWriteAPage(t *testing.T) {
	s := (&runCmd{
		Seconds: 0.2, Rounds: 1, Submit: []submit.System{submit.Bare, submit.ConnectParse, submit.Rollcall, submit.Binary, submit.Gateway, submit.GatewayBinary},
		Parts: []plan.Part{"submit", "import", "overload", "e2e"},
	}).suite()
	s.Progress = io.Discard
	results, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	page := report.Markdown(results)
	for _, want := range []string{
		"## Submitting: goals", "| 64 at a time | rollcall-binary ", "## Submitting: imports", "| 4 streams ",
		"## Submitting: overload", "| 1024 × ", "## Submitting: from submission to watcher", "## Where and when",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	for _, unwanted := range []string{"## Goals", "not measured", "what failed"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %q:\n%s", unwanted, page)
		}
	}
}
