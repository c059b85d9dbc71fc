package submit

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/gateway"
)

// Part is a part of the suite.
type Part string

// The parts.
const (
	// Side is all systems side by side, one submission at a time and many.
	Side Part = "submit"
	// Import is imports beside raw publishing.
	Import Part = "import"
	// Overload is twice what rollcall takes.
	Overload Part = "overload"
	// EndToEnd is from the submission to the watcher.
	EndToEnd Part = "e2e"
)

// Parts returns all parts.
func Parts() []Part { return []Part{Side, Import, Overload, EndToEnd} }

// What is measured.
const (
	// Many connections keep the server busy.
	Many          = 64
	overloadTimes = 2
	endToEndRate  = 5000
)

// OverloadConnections returns from how many connections too much is sent: as many as
// are admitted requests at a time, and twice as many.
func OverloadConnections() []int { return []int{gateway.DefaultCalls, 2 * gateway.DefaultCalls} }

// Imports returns the imports that are compared.
func Imports() []Point {
	return []Point{
		{System: Importing, Streams: 1},
		{System: Importing, Streams: 4},
		{System: GatewayImporting, Streams: 1},
		{System: GatewayImporting, Streams: 4},
	}
}

// Suite is what is to be measured.
type Suite struct {
	Measurer

	Systems []System
	// Rounds is how often what stands side by side is measured, in turn; the median
	// counts. At least 1.
	Rounds int
	// Say is told of every point before it is measured, and Done of what came out.
	Say, Done func(format string, args ...any)

	results Results
}

// Results are all that was measured.
type Results struct {
	Side     []*Figures
	Imports  []*Figures
	Overload []*Figures
	EndToEnd *Figures
}

// All returns everything that was measured.
func (r *Results) All() []*Figures {
	all := slices.Concat(r.Side, r.Imports, r.Overload)
	if r.EndToEnd != nil {
		all = append(all, r.EndToEnd)
	}
	return all
}

// Find returns the figures of a system with so many connections, side by side; nil
// if they were not measured.
func (r *Results) Find(system System, connections int) *Figures {
	for _, f := range r.Side {
		if f.Point == (Point{System: system, Connections: connections}) {
			return f
		}
	}
	return nil
}

// Imported returns the figures of imports, or of raw publishing; nil if they were
// not measured.
func (r *Results) Imported(p Point) *Figures {
	for _, f := range r.Imports {
		if f.Point == p {
			return f
		}
	}
	return nil
}

// Results returns what was measured so far.
func (s *Suite) Results() *Results { return &s.results }

// Run measures a part.
func (s *Suite) Run(part Part) error {
	switch part {
	case Side:
		return s.side()
	case Import:
		return s.imports()
	case Overload:
		return s.overload()
	case EndToEnd:
		return s.endToEnd()
	}
	return fmt.Errorf("no part %q: there are %v", part, Parts())
}

func (s *Suite) side() (err error) {
	points := make([]Point, 0, 2*len(s.Systems))
	for _, connections := range []int{1, Many} {
		for _, system := range s.Systems {
			points = append(points, Point{System: system, Connections: connections})
		}
	}
	s.results.Side, err = s.medians(points)
	return err
}

func (s *Suite) imports() (err error) {
	s.results.Imports, err = s.medians(append([]Point{{System: Raw}}, Imports()...))
	return err
}

// overload sends twice what rollcall has taken from many connections.
func (s *Suite) overload() error {
	most := s.results.Find(Rollcall, Many)
	if most == nil {
		measured, err := s.medians([]Point{{System: Rollcall, Connections: Many}})
		if err != nil {
			return err
		}
		s.results.Side, most = append(s.results.Side, measured...), measured[0]
	}
	for _, connections := range OverloadConnections() {
		f, err := s.measure(Point{System: Rollcall, Connections: connections, Rate: max(int(overloadTimes*most.Taken), 1)})
		if err != nil {
			return err
		}
		s.results.Overload = append(s.results.Overload, f)
	}
	return nil
}

func (s *Suite) endToEnd() (err error) {
	s.results.EndToEnd, err = s.measure(Point{System: Rollcall, Connections: Many, Rate: endToEndRate, Patient: true, Watched: true})
	return err
}

// medians measures the points in turn, round by round, so that a machine that is
// slower for a while is so for all.
func (s *Suite) medians(points []Point) ([]*Figures, error) {
	rounds := make([][]*Figures, len(points))
	for range s.Rounds {
		for i, p := range points {
			f, err := s.measure(p)
			if err != nil {
				return nil, err
			}
			rounds[i] = append(rounds[i], f)
		}
	}
	medians := make([]*Figures, len(points))
	for i, of := range rounds {
		medians[i] = median(of)
	}
	return medians, nil
}

// median returns the figures of the round that took the median of persons, with
// what was answered, stored and failed in all rounds.
func median(rounds []*Figures) *Figures {
	slices.SortFunc(rounds, func(a, b *Figures) int { return cmp.Compare(a.Taken, b.Taken) })
	m := *rounds[len(rounds)/2]
	m.OK, m.Stored, m.Failed = 0, 0, 0
	for _, f := range rounds {
		m.OK, m.Stored, m.Failed = m.OK+f.OK, m.Stored+f.Stored, m.Failed+f.Failed
		m.Trouble = cmp.Or(m.Trouble, f.Trouble)
	}
	return &m
}

func (s *Suite) measure(p Point) (*Figures, error) {
	s.Say("%s", p)
	f, err := s.Measure(p)
	if err != nil {
		s.Done("%v", err)
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	s.Done("%.0f persons/s, %.2f s of CPU for 100,000, p50 %s, %d failed", f.Taken, f.CPUPer100k(), f.Accepted.P50, f.Failed)
	return f, nil
}
