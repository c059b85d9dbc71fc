package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rollcall/bench/submit"
)

// submitSections is what was measured of taking persons in; nothing if nothing was.
func submitSections(r *submit.Results, add func(title, text string)) {
	if len(r.All()) == 0 {
		return
	}
	add("Submitting: goals", goalsTable(submitGoals(r)).String())
	if len(r.Side) > 0 {
		add("Submitting: side by side", submitTable(r).String()+"\n"+submitLegend)
	}
	if len(r.Imports) > 0 {
		add("Submitting: imports", importTable(r).String()+"\n"+importLegend)
	}
	if len(r.Overload) > 0 {
		add("Submitting: overload", overloadTable(r).String()+"\n"+overloadLegend)
	}
	if r.EndToEnd != nil {
		add("Submitting: from submission to watcher", endToEndTable(r.EndToEnd).String()+"\n"+endToEndLegend)
	}
	add("Submitting: what failed", submitTroubles(r))
}

// submitTable has a row a point.
func submitTable(r *submit.Results) *table {
	t := newTable(2, "load", "system", "requests/s", "to bare", "to connect-parse", "CPU s/100,000", "to connect-parse",
		"p50 µs", "p99", "p99.9", "clients", "RSS MiB", "OK", "stored", "failed")
	for _, f := range r.Side {
		n := f.Point.Connections
		t.add(f.Point.Load(), f.Point.System.Name, count(f.Taken), share(f, r.Find(submit.Bare, n), taken), share(f, r.Find(submit.ConnectParse, n), taken),
			fmt.Sprintf("%.2f", f.CPUPer100k()), share(f, r.Find(submit.ConnectParse, n), (*submit.Figures).CPUPer100k),
			wholeMicroseconds(f.Accepted.P50), wholeMicroseconds(f.Accepted.P99), wholeMicroseconds(f.Accepted.P999),
			fmt.Sprintf("%.2f", f.Clients), strconv.FormatInt(f.Resident>>20, 10), count(float64(f.OK)), stored(f), count(float64(f.Failed)))
	}
	return t
}

const submitLegend = `Each connection has one request under way. CPU s/100,000: of the server process,
user and kernel. p50, p99, p99.9: from sending a request to its answer. clients:
cores that those who submit used. OK: answers that took the person, in all; stored:
messages that the stream then held; failed: other answers, and none. bare reads and
answers ok; connect-bare and connect-parse decode, the latter validates by the same
rules, and store nothing; afternoon validates nothing and publishes JSON; benthos, the
engine of Redpanda Connect, publishes the request as it came. rollcall is all of it,
whose subscriber reads what is stored meanwhile; gateway is without the subscriber. With
keys each request has an idempotency key.`

func importTable(r *submit.Results) *table {
	t := newTable(2, "load", "system", "persons/s", "to nats async", "CPU s/100,000", "clients", "RSS MiB", "OK", "stored", "failed")
	for _, f := range r.Imports {
		t.add(f.Point.Load(), f.Point.System.Name, count(f.Taken), share(f, r.Imported(submit.Point{System: submit.Raw}), taken), fmt.Sprintf("%.2f", f.CPUPer100k()),
			fmt.Sprintf("%.2f", f.Clients), strconv.FormatInt(f.Resident>>20, 10), count(float64(f.OK)), stored(f), count(float64(f.Failed)))
	}
	return t
}

const importLegend = `nats async publishes the same messages under the same ids inside the server's
process, up to 4,000 unacknowledged. ImportPersons: 100 submissions a message, in
binary over HTTP/2, each with a key; the sender, a client that anyone may write, uses
the same cores.`

func overloadTable(r *submit.Results) *table {
	t := newTable(2, "connections × due", "system", "taken/s", "of most", "p50 ms", "p99", "p99.9", "refused/s", "p50 ms", "p99", "p99.9",
		"unsent/s", "late p99", "clients", "RSS MiB", "OK", "stored", "failed")
	for _, f := range r.Overload {
		t.add(f.Point.Load(), f.Point.System.Name, count(f.Taken), share(f, r.Find(submit.Rollcall, submit.Many), taken),
			milliseconds(f.Accepted.P50), milliseconds(f.Accepted.P99), milliseconds(f.Accepted.P999),
			count(f.Refused), milliseconds(f.Refusals.P50), milliseconds(f.Refusals.P99), milliseconds(f.Refusals.P999),
			count(f.Unsent), milliseconds(f.Late.P99), fmt.Sprintf("%.2f", f.Clients), strconv.FormatInt(f.Resident>>20, 10),
			count(float64(f.OK)), stored(f), count(float64(f.Failed)))
	}
	return t
}

const overloadLegend = `Twice as many requests are due a second as rollcall took from 64 connections, which
is "most". refused: 429, RESOURCE_EXHAUSTED. unsent: due when no connection was
free. late: sent after they were due, for want of CPU on the side of those who
submit. Times are from sending to the answer.`

func endToEndTable(f *submit.Figures) *table {
	t := newTable(2, "connections × due", "system", "taken/s", "answer p50 ms", "p99", "p99.9", "event p50 ms", "p99", "p99.9",
		"late p99", "clients", "OK", "stored", "failed")
	t.add(f.Point.Load(), f.Point.System.Name, count(f.Taken), fineMilliseconds(f.Accepted.P50), fineMilliseconds(f.Accepted.P99), fineMilliseconds(f.Accepted.P999),
		fineMilliseconds(f.Events.P50), fineMilliseconds(f.Events.P99), fineMilliseconds(f.Events.P999), fineMilliseconds(f.Late.P99),
		fmt.Sprintf("%.2f", f.Clients), count(float64(f.OK)), stored(f), count(float64(f.Failed)))
	return t
}

const endToEndLegend = `Requests are due at a steady rate, and one watcher in the process that submits
receives their events. answer, event: from sending a request until it came. late:
sent after it was due.`

// submitTroubles says why requests failed.
func submitTroubles(r *submit.Results) string {
	var said strings.Builder
	for _, f := range r.All() {
		if f.Trouble != "" {
			fmt.Fprintf(&said, "- %s: %s\n", f.Point, f.Trouble)
		}
	}
	return said.String()
}

func taken(f *submit.Figures) float64 { return f.Taken }

// share is a figure as a share of another's.
func share(f, of *submit.Figures, figure func(*submit.Figures) float64) string {
	if of == nil || figure(of) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f%%", 100*figure(f)/figure(of))
}

func stored(f *submit.Figures) string {
	if !f.Point.System.Stores {
		return "–"
	}
	return count(float64(f.Stored))
}

func wholeMicroseconds(d time.Duration) string { return count(float64(d.Microseconds())) }

func fineMilliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond))
}
