package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/bench/plan"
)

// Text is everything that was measured, for a terminal.
func Text(r *plan.Results) string {
	var out strings.Builder
	for _, section := range sections(r) {
		_, _ = fmt.Fprintf(&out, "%s\n\n%s\n\n", section.title, strings.TrimSpace(section.text))
	}
	return out.String()
}

// Markdown is the page that is kept.
func Markdown(r *plan.Results) string {
	var out strings.Builder
	out.WriteString("# Results\n\nWritten by `make bench`; [README.md](README.md) says what is measured, and how.\n")
	for _, section := range sections(r) {
		_, _ = fmt.Fprintf(&out, "\n## %s\n\n%s\n", section.title, strings.TrimSpace(section.text))
	}
	return out.String()
}

type section struct{ title, text string }

func sections(r *plan.Results) []section {
	var all []section
	add := func(title, text string) {
		if text != "" {
			all = append(all, section{title, text})
		}
	}
	add("Where and when", where(r))
	if len(r.Figures)+len(r.Raised)+len(r.Idle) > 0 {
		add("Goals", goalsTable(goals(r)).String())
	}
	if t := figuresTable(r.Figures); !t.empty() {
		text := t.String() + "\n" + legend + "\n"
		if said := troubles(r.Figures); said != "" {
			text += "\n" + said
		}
		add("Side by side", text)
	}
	if len(r.Raised) > 0 {
		add("How far rollcall goes", figuresTable(r.Raised).String()+"\n"+raised(r))
	}
	if t := idleTable(r); !t.empty() {
		add("Memory of idle watchers", t.String())
	}
	submitSections(r.Submit, add)
	add("Not measured", strings.Join(r.Skipped, "\n"))
	return all
}

func where(r *plan.Results) string {
	t := newTable(2, "", "")
	t.add("Date", r.Began.UTC().Format("2006-01-02 15:04 MST"))
	t.add("Measured", fmt.Sprintf("%s a point after %s of warm-up; %s in all", r.Measurer.Window, r.Measurer.Warmup, r.Took.Round(time.Second)))
	if shares := others(r); len(shares) > 0 {
		t.add("Disturbed", disturbed(shares))
	}
	for _, row := range machine() {
		t.add(row[0], row[1])
	}
	return t.String()
}

// troubles says why systems took no more events or cut watchers off.
func troubles(figures []*plan.Figures) string {
	var said []string
	for _, f := range figures {
		if f.Trouble != "" {
			said = append(said, fmt.Sprintf("- %s: %s", f.Point, f.Trouble))
		}
	}
	return strings.Join(said, "\n")
}

// others is how many cores other processes took at each point.
func others(r *plan.Results) []float64 {
	shares := make([]float64, 0, len(r.Figures)+len(r.Submit.All()))
	for _, f := range r.Figures {
		shares = append(shares, f.Others)
	}
	for _, f := range r.Submit.All() {
		shares = append(shares, f.Others)
	}
	return shares
}

// disturbed says how much of the machine other processes took meanwhile.
func disturbed(shares []float64) string {
	slices.Sort(shares)
	return fmt.Sprintf("by other processes, which used %.2f cores at half the points, %.2f at the worst", shares[len(shares)/2], shares[len(shares)-1])
}
