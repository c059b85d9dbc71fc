package submit

import (
	"fmt"
	"strings"
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
	Many = 64
	// overloadConnections are more than rollcall admits requests at a time.
	overloadConnections = 2048
	overloadTimes       = 2
	endToEndRate        = 5000
)

// ImportStreams returns how many streams are compared.
func ImportStreams() []int { return []int{1, 4} }

// Suite is what is to be measured.
type Suite struct {
	Measurer

	Systems []System
	// Say is told of every point before it is measured, and Done of what came out.
	Say, Done func(format string, args ...any)

	results Results
}

// Results are all that was measured.
type Results struct {
	Side     []*Figures
	Imports  []*Figures
	Overload *Figures
	EndToEnd *Figures
	// Skipped are points that the server does not offer, and why.
	Skipped []string
}

// All returns everything that was measured.
func (r *Results) All() []*Figures {
	all := append(append([]*Figures{}, r.Side...), r.Imports...)
	for _, f := range []*Figures{r.Overload, r.EndToEnd} {
		if f != nil {
			all = append(all, f)
		}
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

// Imported returns the figures of imports in so many streams, 0 for raw publishing;
// nil if they were not measured.
func (r *Results) Imported(streams int) *Figures {
	for _, f := range r.Imports {
		if f.Point.Streams == streams {
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

func (s *Suite) side() error {
	for _, connections := range []int{1, Many} {
		for _, system := range s.Systems {
			if err := s.beside(Point{System: system, Connections: connections}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Suite) beside(p Point) error {
	f, err := s.measure(p)
	if err != nil {
		return err
	}
	s.results.Side = append(s.results.Side, f)
	return nil
}

func (s *Suite) imports() error {
	points := make([]Point, 1, 1+len(ImportStreams()))
	points[0] = Point{System: Raw}
	for _, streams := range ImportStreams() {
		points = append(points, Point{System: Importing, Streams: streams})
	}
	for _, p := range points {
		f, err := s.measure(p)
		if err != nil && strings.Contains(err.Error(), "unimplemented") {
			s.results.Skipped = append(s.results.Skipped, p.String()+": the server does not offer it")
			continue
		}
		if err != nil {
			return err
		}
		s.results.Imports = append(s.results.Imports, f)
	}
	return nil
}

// overload sends twice what rollcall has taken from many connections.
func (s *Suite) overload() (err error) {
	if s.results.Find(Rollcall, Many) == nil {
		if err := s.beside(Point{System: Rollcall, Connections: Many}); err != nil {
			return err
		}
	}
	most := s.results.Find(Rollcall, Many).Taken
	s.results.Overload, err = s.measure(Point{System: Rollcall, Connections: overloadConnections, Rate: max(int(overloadTimes*most), 1)})
	return err
}

func (s *Suite) endToEnd() (err error) {
	s.results.EndToEnd, err = s.measure(Point{System: Rollcall, Connections: Many, Rate: endToEndRate, Patient: true, Watched: true})
	return err
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
