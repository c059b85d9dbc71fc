// Command bench measures rollcall's fan-out side by side with others.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"rollcall/bench/client"
	"rollcall/bench/peer"
	"rollcall/bench/plan"
)

type cli struct {
	Point   pointCmd   `cmd:"" help:"Measure one point."`
	Serve   serveCmd   `cmd:"" hidden:"" help:"Be a system that is measured, controlled over standard input and output."`
	Clients clientsCmd `cmd:"" hidden:"" help:"Be the watchers, controlled over standard input and output."`
}

type pointCmd struct {
	System   string        `arg:""`
	Protocol string        `arg:""`
	Watchers int           `arg:""`
	Rate     int           `arg:""`
	Seconds  time.Duration `default:"5s"`
	Warmup   time.Duration `default:"2s"`
	Profiles string
	Stalled  int
	Filters  int
}

func (c *pointCmd) Run() error {
	m := plan.Measurer{Warmup: c.Warmup, Window: c.Seconds, Profiles: c.Profiles, Progress: os.Stderr}
	f, err := m.Measure(plan.Point{System: plan.System{Name: c.System, Server: c.System, Protocol: c.Protocol}, Watchers: c.Watchers, Rate: c.Rate, Stalled: c.Stalled, Filters: c.Filters})
	if err != nil {
		return err
	}
	fmt.Printf("%s: pub %.0f deliv %.0f cpu %.2f raw %s writes/d %.3f rss %dM p50 %s p99 %s p999 %s late %s lost %d dis %d cut %d %s\n", f.Point, f.Published, f.Deliveries, f.CPU, f.RawCPU(), f.Writes/f.Deliveries, f.Resident>>20, f.P50, f.P99, f.P999, f.Late, f.Lost, f.Disordered, f.CutOff, f.Trouble)
	return nil
}

type serveCmd struct {
	System string `arg:""`
}

func (c *serveCmd) Run() error {
	p, err := peer.Start(c.System)
	if err != nil {
		return err
	}
	defer p.Close()
	return plan.Serve(peer.NewService(p))
}

type clientsCmd struct{}

func (c *clientsCmd) Run() error { return plan.Serve(&client.Service{}) }

func main() {
	ctx := kong.Parse(&cli{})
	ctx.FatalIfErrorf(ctx.Run())
}
