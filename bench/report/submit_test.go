package report

import (
	"strings"
	"testing"
	"time"

	"rollcall/bench/submit"
)

// tookIn is figures of so many persons a second at a cost in cores.
func tookIn(p submit.Point, taken, cpu float64, p50 time.Duration) *submit.Figures {
	return &submit.Figures{
		Point: p, Taken: taken, CPU: cpu, OK: int64(taken), Stored: int64(taken),
		Accepted: submit.Times{Count: 1, P50: p50, P99: 2 * p50, P999: 3 * p50},
	}
}

func submitResults() *submit.Results {
	at := func(s submit.System, connections int) submit.Point {
		return submit.Point{System: s, Connections: connections}
	}
	overload := tookIn(submit.Point{System: submit.Rollcall, Connections: 2048, Rate: 60_000}, 29_000, 1.5, 20*time.Millisecond)
	overload.Refused, overload.Refusals = 31_000, submit.Times{Count: 1, P99: 11 * time.Millisecond}
	endToEnd := tookIn(submit.Point{System: submit.Rollcall, Connections: submit.Many, Rate: 5000, Watched: true}, 5000, 0.3, time.Millisecond)
	endToEnd.Events = submit.Times{Count: 1, P99: 2 * time.Millisecond}
	return &submit.Results{
		Side: []*submit.Figures{
			tookIn(at(submit.Bare, 1), 10_000, 0.5, 100*time.Microsecond),
			tookIn(at(submit.Rollcall, 1), 5000, 0.5, 300*time.Microsecond),
			tookIn(at(submit.Bare, submit.Many), 80_000, 1, time.Millisecond),
			tookIn(at(submit.ConnectParse, submit.Many), 36_000, 1.2, time.Millisecond),
			tookIn(at(submit.Rollcall, submit.Many), 30_000, 1.4, 2*time.Millisecond),
			tookIn(at(submit.Gateway, submit.Many), 32_000, 1.3, 2*time.Millisecond),
			tookIn(at(submit.Binary, submit.Many), 33_000, 1.4, 2*time.Millisecond),
		},
		Imports: []*submit.Figures{
			tookIn(submit.Point{System: submit.Raw}, 200_000, 1.5, 0),
			tookIn(submit.Point{System: submit.Importing, Streams: 1}, 150_000, 1.5, 0),
		},
		Overload: []*submit.Figures{overload}, EndToEnd: endToEnd,
	}
}

func TestSubmitGoals(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"requests/s in JSON, to connect-parse's: gateway":                      "met",
		"CPU a request in JSON, to connect-parse's: gateway":                   "met",
		"requests/s in JSON, to bare's: gateway":                               "NOT MET",
		"requests/s in JSON, to connect-parse's: rollcall":                     "met",
		"CPU a request in JSON, to connect-parse's: rollcall":                  "NOT MET",
		"requests/s in JSON, to bare's: rollcall":                              "NOT MET",
		"requests/s in binary, to JSON: gateway":                               "not measured",
		"requests/s in binary, to JSON: rollcall":                              "met",
		"p50 in JSON at one connection, beyond bare's":                         "met",
		"persons/s, to nats async: rollcall ImportPersons, 1 stream":           "met",
		"persons/s, to nats async: rollcall ImportPersons, 4 streams":          "not measured",
		"persons/s, to nats async: gateway ImportPersons, 1 stream":            "not measured",
		"persons/s, to nats async: gateway ImportPersons, 4 streams":           "not measured",
		"persons/s taken at twice the most from 512 connections, to the most":  "met",
		"p99 of those taken at twice the most from 512 connections":            "met",
		"p99 of those refused at twice the most from 512 connections":          "NOT MET",
		"persons/s taken at twice the most from 1024 connections, to the most": "not measured",
		"p99 of those taken at twice the most from 1024 connections":           "not measured",
		"p99 of those refused at twice the most from 1024 connections":         "not measured",
		"p99 from submission to watcher, 5,000/s":                              "met",
		"what was answered with OK, and nothing else, is stored":               "met",
	}
	goals := submitGoals(submitResults())
	for _, g := range goals {
		if g.verdict() != want[g.name] {
			t.Errorf("%s: %s is %s, not %s", g.name, g.got, want[g.name], g.verdict())
		}
	}
	if len(goals) != len(want) {
		t.Errorf("%d goals, not %d", len(goals), len(want))
	}
	for _, g := range submitGoals(&submit.Results{}) {
		if g.verdict() != "not measured" {
			t.Errorf("of nothing: %s is %s", g.name, g.verdict())
		}
	}
}

func TestWhatIsNotStoredShows(t *testing.T) {
	t.Parallel()
	r := submitResults()
	r.Overload[0].Stored++
	r.EndToEnd.Trouble = "status 500: why"
	if g := allStored(r); g.verdict() != "NOT MET" {
		t.Errorf("%s is %s", g.got, g.verdict())
	}
	if said := submitTroubles(r); !strings.Contains(said, "64 × 5000/s: status 500: why") {
		t.Errorf("the page says %q", said)
	}
}

func TestSubmitTablesAreAligned(t *testing.T) {
	t.Parallel()
	r := submitResults()
	for _, table := range []*table{submitTable(r), importTable(r), overloadTable(r), endToEndTable(r.EndToEnd)} {
		lines := strings.Split(strings.TrimSpace(table.String()), "\n")
		for _, line := range lines {
			if len([]rune(line)) != len([]rune(lines[0])) {
				t.Errorf("%q is not as long as %q", line, lines[0])
			}
		}
	}
}
