package report

import (
	"fmt"
	"html"
	"strings"
	"time"

	"rollcall/bench/plan"
)

// The chart's measures, in pixels.
const (
	chartWidth  = 860
	labelWidth  = 170
	valueWidth  = 110
	barHeight   = 18
	barGap      = 6
	panelGap    = 26
	titleHeight = 30
	margin      = 16
)

// panel is one figure of all systems.
type panel struct {
	title string
	bars  []bar
}

type bar struct {
	name  string
	value float64
	text  string
	ours  bool
}

// Chart draws what matters most side by side, as SVG that can be read on light and
// on dark. It is empty if there is nothing to draw.
func Chart(r *plan.Results) string {
	panels := []panel{
		panelOf(r, "Deliveries per second, 1,000 watchers × 10,000 events/s (more is better)", 1000, 10_000,
			func(f *plan.Figures) (float64, string) { return f.Deliveries, count(f.Deliveries) }),
		panelOf(r, "CPU of the server per delivery, 1,000 × 1,000/s, publishing and storing included (less is better)", 1000, 1000,
			func(f *plan.Figures) (float64, string) { return float64(f.RawCPU()), microseconds(f.RawCPU()) + " µs" }),
		panelOf(r, "p99 from publishing to receipt, 100 × 1,000/s (less is better)", 100, 1000,
			func(f *plan.Figures) (float64, string) { return float64(f.P99), milliseconds(f.P99) + " ms" }),
	}
	var body strings.Builder
	y := margin
	for _, p := range panels {
		if len(p.bars) > 0 {
			y = p.draw(&body, y) + panelGap
		}
	}
	if body.Len() == 0 {
		return ""
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" aria-label="rollcall's fan-out beside others">
<style>
text{font:13px system-ui,sans-serif;fill:#24292f}
.title{font-weight:600}
.ours{fill:#1f6feb}
.theirs{fill:#8c959f}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#58a6ff}.theirs{fill:#6e7681}}
</style>
%[3]s<text x="%[4]d" y="%[5]d">%[6]s, %[7]s. rollcall stores every event in JetStream; the others store nothing.</text>
</svg>
`, chartWidth, y+margin, body.String(), margin, y, html.EscapeString(lineOf("/proc/cpuinfo", "model name")), r.Began.UTC().Format(time.DateOnly))
}

func panelOf(r *plan.Results, title string, watchers, rate int, figure func(*plan.Figures) (float64, string)) panel {
	p := panel{title: title}
	for _, system := range plan.Systems() {
		if f := r.Find(point(system, watchers, rate)); f != nil {
			value, text := figure(f)
			if !f.Reached() {
				text += fmt.Sprintf(" (at %s events/s)", count(f.Published))
			}
			p.bars = append(p.bars, bar{name: system.Name, value: value, text: text, ours: system == plan.Rollcall})
		}
	}
	return p
}

// draw draws the panel from y down, and returns where it ends.
func (p panel) draw(out *strings.Builder, y int) int {
	var most float64
	for _, b := range p.bars {
		most = max(most, b.value)
	}
	_, _ = fmt.Fprintf(out, "<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", margin, y+barHeight-4, html.EscapeString(p.title))
	y += titleHeight
	for _, b := range p.bars {
		class := "theirs"
		if b.ours {
			class = "ours"
		}
		width := max(1, (chartWidth-labelWidth-2*valueWidth-margin)*b.value/most)
		_, _ = fmt.Fprintf(out, "<text x=\"%d\" y=\"%d\">%s</text>", margin, y+barHeight-4, html.EscapeString(b.name))
		_, _ = fmt.Fprintf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>", class, labelWidth, y, width, barHeight)
		_, _ = fmt.Fprintf(out, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", labelWidth+width+6, y+barHeight-4, html.EscapeString(b.text))
		y += barHeight + barGap
	}
	return y
}
