package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"rollcall/bench/plan"
	"rollcall/bench/submit"
)

// measured is figures in which a delivery costs so much beyond one watcher's.
func measured(p plan.Point, net, p99 time.Duration) *plan.Figures {
	reading := float64(p.Watchers - p.Stalled)
	rate := float64(p.Rate)
	alone := &plan.Figures{Published: rate, Deliveries: rate, CPU: 0.1, Writes: rate}
	return &plan.Figures{
		Point: p, Published: rate, Deliveries: rate * reading, Alone: alone, P50: p99 / 4, P99: p99, P999: 2 * p99,
		CPU: 0.1 + net.Seconds()*rate*(reading-1), Writes: rate + rate*(reading-1)/2,
	}
}

func results() *plan.Results {
	return &plan.Results{
		Began: time.Unix(0, 0), Submit: &submit.Results{},
		Figures: []*plan.Figures{
			measured(point(plan.Rollcall, 100, 1000), 5*time.Microsecond, 3*time.Millisecond),
			measured(point(plan.Centrifuge, 100, 1000), 4*time.Microsecond, 2*time.Millisecond),
			measured(plan.Plain, time.Microsecond, 30*time.Millisecond),
			measured(point(plan.Centrifuge, 1000, 1000), 2*time.Microsecond, 60*time.Millisecond),
			measured(point(plan.Rollcall, 1000, 10_000), time.Microsecond/10, 300*time.Millisecond),
			measured(plan.InJSON, 3*time.Microsecond, 60*time.Millisecond),
			measured(plan.WithStalled, time.Microsecond, 33*time.Millisecond),
		},
		Idle: []plan.Idle{{System: plan.Rollcall, Watchers: 5000, Before: 50 << 20, With: 150 << 20}},
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"1,000 × 10,000/s":                                     "met",
		"most deliveries/s to 1,000, to Centrifuge's":          "met",
		"CPU a write, 100 × 1,000/s, to Centrifuge's":          "NOT MET",
		"net CPU a delivery, 1,000 × 1,000/s, to Centrifuge's": "met",
		"p99, 100 × 1,000/s":                                   "met",
		"p99, 1,000 × 1,000/s":                                 "met",
		"p99, 1,000 × 10,000/s":                                "NOT MET",
		"p99 beside 300 stalled of 1,000, to none stalled":     "met",
		"net CPU with 100 filters, to none":                    "not measured",
		"net CPU in JSON, to binary":                           "NOT MET",
		"memory of an idle watcher, HTTP/1.1":                  "met",
	}
	for _, g := range goals(results()) {
		if g.verdict() != want[g.name] {
			t.Errorf("%s: %s is %s, not %s", g.name, g.got, want[g.name], g.verdict())
		}
	}
}

func TestTableIsAligned(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(figuresTable(results().Figures).String()), "\n")
	for _, line := range lines {
		if len([]rune(line)) != len([]rune(lines[0])) {
			t.Errorf("%q is not as long as %q", line, lines[0])
		}
	}
	if len(lines) != 2+len(results().Figures) {
		t.Errorf("%d lines", len(lines))
	}
}

func TestChartIsXML(t *testing.T) {
	t.Parallel()
	chart := Chart(results())
	decoder := xml.NewDecoder(strings.NewReader(chart))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, chart)
		}
	}
	for _, want := range []string{"rollcall", "centrifuge", "10,000,000", "prefers-color-scheme:dark"} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart has no %q", want)
		}
	}
	if Chart(&plan.Results{}) != "" {
		t.Error("a chart was drawn of nothing")
	}
}
