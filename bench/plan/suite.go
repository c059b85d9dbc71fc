package plan

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rollcall/bench/submit"
)

// Part is a part of the suite.
type Part string

// The parts of the suite.
const (
	// Side is all systems side by side at all loads.
	Side Part = "side"
	// Variants is rollcall watched in other ways: JSON, HTTP/2, filters, stalled watchers.
	Variants Part = "variants"
	// Raise is rollcall at ever higher rates until it breaks.
	Raise Part = "raise"
	// Memory is what watchers cost while nothing happens.
	Memory Part = "memory"
)

// Parts returns all parts, those of submitting last.
func Parts() []Part {
	parts := make([]Part, 0, 4+len(submit.Parts()))
	parts = append(parts, Side, Variants, Raise, Memory)
	for _, part := range submit.Parts() {
		parts = append(parts, Part(part))
	}
	return parts
}

// What the variants and the raise are measured with.
const (
	manyWatchers = 1000
	variantRate  = 1000
	stalled      = 300
	distinct     = 100
	idleWatchers = 5000
	// tooLate is the p99 at which a rate counts as too high.
	tooLate = time.Second
)

// raiseRates are above the loads' highest.
var raiseRates = []int{15_000, 20_000, 30_000, 40_000, 60_000, 80_000, 100_000}

// Suite is what is to be measured.
type Suite struct {
	Measurer

	Systems []System
	Loads   []Load
	Parts   []Part
	// Submit is what is submitted to.
	Submit []submit.System
	// Rounds is how often each is submitted to, in turn; the median counts.
	Rounds int
	// Settle is how long idle watches are left alone before memory is looked at.
	Settle time.Duration
	// Progress is told of every measurement.
	Progress io.Writer

	began   time.Time
	results Results
	alone   map[System]map[int]*Figures
	submit  submit.Suite
}

// Results are all that was measured.
type Results struct {
	Began    time.Time
	Took     time.Duration
	Measurer Measurer
	Settle   time.Duration

	Figures []*Figures
	// Raised are the rates that were tried after the loads'.
	Raised []*Figures
	Idle   []Idle
	// Skipped are points that a system does not offer, and why.
	Skipped []string
	// Submit is what was measured of taking persons in.
	Submit *submit.Results
}

// Find returns the figures of a point; nil if it was not measured.
func (r *Results) Find(p Point) *Figures {
	i := slices.IndexFunc(r.Figures, func(f *Figures) bool { return f.Point == p })
	if i < 0 {
		return nil
	}
	return r.Figures[i]
}

// Run measures all parts in turn.
func (s *Suite) Run() (*Results, error) {
	s.began = time.Now()
	s.results = Results{Began: s.began, Measurer: s.Measurer, Settle: s.Settle}
	s.alone = make(map[System]map[int]*Figures)
	s.submit = submit.Suite{Measurer: submit.Measurer(s.Measurer), Systems: s.Submit, Rounds: s.Rounds, Say: s.sayf, Done: s.donef}
	s.results.Submit = s.submit.Results()
	for _, part := range s.Parts {
		if err := s.run(part); err != nil {
			return nil, err
		}
	}
	s.results.Took = time.Since(s.began)
	return &s.results, nil
}

func (s *Suite) run(part Part) error {
	switch part {
	case Side:
		return s.sideBySide()
	case Variants:
		return s.variants()
	case Raise:
		return s.raise()
	case Memory:
		return s.memory()
	}
	if slices.Contains(submit.Parts(), submit.Part(part)) {
		return s.submit.Run(submit.Part(part))
	}
	return fmt.Errorf("no part %q: there are %v", part, Parts())
}

func (s *Suite) sideBySide() error {
	for _, load := range s.Loads {
		for _, system := range s.Systems {
			if err := s.point(Point{System: system, Watchers: load.Watchers, Rate: load.Rate}); err != nil {
				return err
			}
		}
	}
	return nil
}

// plain is what the variants are compared with.
func plain(system System) Point {
	return Point{System: system, Watchers: manyWatchers, Rate: variantRate}
}

// The points that show one thing beside the plain one.
var (
	Plain        = plain(Rollcall)
	InJSON       = plain(RollcallJSON)
	InGzip       = plain(RollcallGzip)
	OverHTTP2    = plain(RollcallHTTP2)
	WithStalled  = Point{System: Rollcall, Watchers: manyWatchers, Rate: variantRate, Stalled: stalled}
	WithFilters  = Point{System: Rollcall, Watchers: manyWatchers, Rate: variantRate, Filters: distinct}
	variantsList = []Point{Plain, InJSON, InGzip, OverHTTP2, WithStalled, WithFilters}
)

func (s *Suite) variants() error {
	for _, p := range variantsList {
		if s.results.Find(p) != nil {
			continue
		}
		if err := s.point(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Suite) raise() error {
	for _, rate := range raiseRates {
		f, err := s.measure(Point{System: Rollcall, Watchers: manyWatchers, Rate: rate})
		if err != nil {
			return err
		}
		s.results.Raised = append(s.results.Raised, f)
		if Broke(f) {
			return nil
		}
	}
	return nil
}

// Broke reports that a rate was too high.
func Broke(f *Figures) bool { return !f.Complete() || f.P99 > tooLate }

func (s *Suite) memory() error {
	for _, system := range []System{Rollcall, RollcallHTTP2, Centrifuge, NATS} {
		s.sayf("%s, %s idle watchers", system.Name, thousands(idleWatchers))
		idle, err := MeasureIdle(system, idleWatchers, s.Settle)
		if err != nil {
			return fmt.Errorf("%s: %w", system.Name, err)
		}
		s.donef("%.1f KiB each", float64(idle.PerWatcher())/1024)
		s.results.Idle = append(s.results.Idle, idle)
	}
	return nil
}

// point measures a point, and what one watcher alone costs at its rate.
func (s *Suite) point(p Point) error {
	alone, err := s.aloneAt(p.System, p.Rate)
	if err != nil {
		return err
	}
	f, err := s.measure(p)
	if err != nil && strings.Contains(err.Error(), `"code":"unimplemented"`) {
		s.results.Skipped = append(s.results.Skipped, p.String()+": the server does not offer it")
		return nil
	}
	if err != nil {
		return err
	}
	f.Alone = alone
	s.results.Figures = append(s.results.Figures, f)
	return nil
}

// aloneAt measures one watcher, once a rate, for half the time.
func (s *Suite) aloneAt(system System, rate int) (*Figures, error) {
	if f := s.alone[system][rate]; f != nil {
		return f, nil
	}
	short := s.Measurer
	short.Warmup, short.Window = short.Warmup/2, short.Window/2
	f, err := s.with(short, Point{System: system, Watchers: 1, Rate: rate})
	if err != nil {
		return nil, err
	}
	if s.alone[system] == nil {
		s.alone[system] = make(map[int]*Figures)
	}
	s.alone[system][rate] = f
	return f, nil
}

func (s *Suite) measure(p Point) (*Figures, error) { return s.with(s.Measurer, p) }

func (s *Suite) with(m Measurer, p Point) (*Figures, error) {
	s.sayf("%s", p)
	f, err := m.Measure(p)
	if err != nil {
		s.donef("%v", err)
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	s.donef("%s deliveries/s, %.2f µs each, p99 %.1f ms, %d lost", thousands(int(f.Deliveries)),
		float64(f.RawCPU())/float64(time.Microsecond), float64(f.P99)/float64(time.Millisecond), f.Lost)
	return f, nil
}

func (s *Suite) sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.Progress, "%6s  %-42s ", time.Since(s.began).Round(time.Second), fmt.Sprintf(format, args...))
}

func (s *Suite) donef(format string, args ...any) {
	_, _ = fmt.Fprintf(s.Progress, format+"\n", args...)
}
