package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rollcall/bench/plan"
)

// figuresTable has a row a point.
func figuresTable(figures []*plan.Figures) *table {
	t := newTable(2, "watchers × events", "system", "deliveries/s", "of due", "CPU µs raw", "net", "net a write", "writes",
		"p50 ms", "p99", "p99.9", "late p99", "clients", "RSS MiB", "lost", "disordered", "cut off")
	for _, f := range figures {
		due := float64(f.Point.Rate) * float64(f.Point.Watchers-f.Point.Stalled)
		t.add(f.Point.Load(), f.Point.System.Name, count(f.Deliveries), fmt.Sprintf("%.0f%%", 100*f.Deliveries/due),
			microseconds(f.RawCPU()), microseconds(f.NetCPU()), microseconds(f.CPUPerWrite()), writes(f),
			milliseconds(f.P50), milliseconds(f.P99), milliseconds(f.P999), milliseconds(f.Late),
			fmt.Sprintf("%.2f", f.Clients), strconv.FormatInt(f.Resident>>20, 10), count(float64(f.Lost)), count(float64(f.Disordered)), count(float64(f.CutOff)))
	}
	return t
}

// legend explains the table's columns.
const legend = `deliveries/s: events received, by all watchers together; of due: of what the
load asks for. CPU µs: of the server process, user and kernel, a delivery; raw, and
net of what one watcher alone costs at the same rate, so without publishing and
storing; net a write: the same for a write system call. writes: write system calls
a delivery, net. p50, p99, p99.9: from publishing to receipt. late p99: by how much
the publisher inside the server was late; what a system made its publisher wait
for is here and not in its latencies. clients: what the checking clients used of the
same cores. lost: events that did not reach a watcher;
disordered: events that came twice or too late; cut off: watchers the server ended.`

func goalsTable(goals []goal) *table {
	t := newTable(3, "goal", "wanted", "measured", "")
	for _, g := range goals {
		t.add(g.name, g.want, g.got, g.verdict())
	}
	return t
}

func idleTable(r *plan.Results) *table {
	t := newTable(1, "system", "idle watchers", "RSS MiB without", "with", "KiB a watcher")
	for _, i := range r.Idle {
		t.add(i.System.Name, count(float64(i.Watchers)), fmt.Sprintf("%.1f", float64(i.Before)/(1<<20)),
			fmt.Sprintf("%.1f", float64(i.With)/(1<<20)), fmt.Sprintf("%.1f", float64(i.PerWatcher())/1024))
	}
	return t
}

// raised says where rollcall broke.
func raised(r *plan.Results) string {
	var held, broke *plan.Figures
	for _, f := range r.Raised {
		if plan.Broke(f) {
			broke = f
		} else {
			held = f
		}
	}
	var said []string
	if held != nil {
		said = append(said, fmt.Sprintf("It holds %s: %s deliveries/s, p99 %s ms.", held.Point.Load(), count(held.Deliveries), milliseconds(held.P99)))
	}
	if broke != nil {
		said = append(said, fmt.Sprintf("It breaks at %s: %s published/s, %s deliveries/s, p99 %s ms, %s lost, %s cut off.", broke.Point.Load(),
			count(broke.Published), count(broke.Deliveries), milliseconds(broke.P99), count(float64(broke.Lost)), count(float64(broke.CutOff))))
	}
	return strings.Join(said, " ")
}

func writes(f *plan.Figures) string {
	if f.NetWrites() <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f", f.NetWrites())
}

func microseconds(d time.Duration) string {
	if d <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", float64(d)/float64(time.Microsecond))
}

func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms >= 10 || ms == float64(int(ms)) {
		return count(ms)
	}
	return fmt.Sprintf("%.1f", ms)
}

// count writes a whole number with commas.
func count(n float64) string {
	digits := fmt.Sprintf("%.0f", n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
