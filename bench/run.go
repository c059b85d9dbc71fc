package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"rollcall/bench/plan"
	"rollcall/bench/report"
	"rollcall/bench/submit"
)

// runCmd is the driver.
type runCmd struct {
	Systems []plan.System   `placeholder:"NAME,…" help:"Set only these side by side. Default: rollcall, centrifuge, centrifuge-delayed, mercure, afternoon, nats, floor."`
	Points  []plan.Load     `placeholder:"WxR,…" help:"At these loads only, as watchers x events a second. Default: 100x100, 100x1000, 100x10000, 1000x100, 1000x1000, 1000x10000, 5000x10."`
	Submit  []submit.System `placeholder:"NAME,…" help:"Submit only to these. Default: bare, connect-bare, connect-parse, rollcall, rollcall-keys, rollcall-binary, rollcall-binary-keys, gateway, gateway-binary, afternoon, benthos."`
	Parts   []plan.Part     `placeholder:"PART,…" help:"Measure only these parts: side (side by side), variants (JSON, HTTP/2, stalled watchers, filters), raise (rollcall, faster until it breaks), memory (of idle watchers); and of submitting: submit (side by side), import (streams of many), overload (twice what rollcall takes), e2e (from submission to watcher). Default: side alone where --systems or --points are given, submit alone where --submit is, else all."`

	Seconds float64       `default:"8" placeholder:"N" help:"Measure each point for so long. Default: ${default}."`
	Warmup  float64       `default:"2" placeholder:"N" help:"Send for so long before. Default: ${default}."`
	Rounds  int           `default:"3" placeholder:"N" help:"Submit so often to each in turn; the median counts. Default: ${default}."`
	Settle  time.Duration `default:"20s" placeholder:"DURATION" help:"Leave idle watchers alone for so long before looking at memory. Default: ${default}."`
	Quick   bool          `help:"Only try whether everything works: short, and no figure to rely on."`

	Results  string `type:"path" placeholder:"FILE" help:"Write the page of results here."`
	Chart    string `type:"path" placeholder:"FILE" help:"Draw the chart here."`
	Profiles string `type:"existingdir" placeholder:"DIR" help:"Write each server's CPU profile into this folder. It costs some of what is measured."`
}

// Help is the longer part of --help.
func (*runCmd) Help() string {
	return `Examples:

    bench run --systems rollcall,centrifuge --points 1000x1000
    bench run --parts raise
    bench run --parts submit,import,overload,e2e
    bench run --systems rollcall --points 100x1000 --profiles /tmp`
}

// The times of a quick run.
const (
	quickWindow = 2 * time.Second
	quickWarmup = time.Second / 2
	quickSettle = 2 * time.Second
)

// Run measures.
func (c *runCmd) Run() error {
	if c.Seconds <= 0 || c.Warmup < 0 {
		return errors.New("--seconds must be above zero, and --warmup not below")
	}
	results, err := c.suite().Run()
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stdout, "\n", report.Text(results))
	return errors.Join(write(c.Results, report.Markdown(results)), write(c.Chart, report.Chart(results)))
}

func (c *runCmd) suite() *plan.Suite {
	s := &plan.Suite{
		Measurer: plan.Measurer{Warmup: seconds(c.Warmup), Window: seconds(c.Seconds), Profiles: c.Profiles},
		Systems:  c.Systems, Loads: c.Points, Parts: c.Parts, Submit: c.Submit, Rounds: c.Rounds, Settle: c.Settle, Progress: os.Stderr,
	}
	if c.Quick {
		s.Warmup, s.Window, s.Settle, s.Rounds = quickWarmup, quickWindow, quickSettle, 1
	}
	if len(s.Parts) == 0 {
		s.Parts = plan.Parts()
		if len(s.Systems)+len(s.Loads) > 0 {
			s.Parts = []plan.Part{plan.Side}
		} else if len(s.Submit) > 0 {
			s.Parts = []plan.Part{plan.Part(submit.Side)}
		}
	}
	if len(s.Submit) == 0 {
		s.Submit = submit.Systems()
	}
	if len(s.Systems) == 0 {
		s.Systems = plan.Systems()
	}
	if len(s.Loads) == 0 {
		s.Loads = plan.Loads()
	}
	return s
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// write writes a file that was asked for.
func write(path, text string) error {
	if path == "" || text == "" {
		return nil
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // for everyone to read
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}
