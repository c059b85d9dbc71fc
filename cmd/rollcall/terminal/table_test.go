package terminal

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clipperhouse/displaywidth"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
)

var update = flag.Bool("update", false, "write the golden files anew")

func tableOf(t *testing.T, options TableOptions) string {
	t.Helper()

	var out bytes.Buffer

	options.Zone = time.UTC
	printer := NewTable(&out, options)

	show := []error{
		printer.Progress(&contactv1.Progress{}),
		printer.Event(personEvent(1, &contactv1.Person{
			Name:  "Ada Lovelace",
			Email: "ada@example.org",
			Phones: []*contactv1.PhoneNumber{
				{Number: "+4915112345678", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE},
				{Number: "030 1234567"},
			},
			Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
		})),
		printer.Event(personEvent(2, &contactv1.Person{Name: "山田太郎", Email: "taro@example.jp", Birthdate: &contactv1.Date{Year: 990, Month: 1, Day: 2}})),
		printer.Event(personEvent(3, &contactv1.Person{Name: "Zoe\u0308 👩‍👩‍👧", Email: "zoe@example.org", Birthdate: &contactv1.Date{Year: 1990, Month: 5, Day: 17}})),
		printer.Event(personEvent(4, &contactv1.Person{Name: "\x1b[2J\x1b]0;owned\x07\u009b31m\n", Email: "\u202eevil@example.org"})),
		printer.Event(&contactv1.PersonEvent{
			Sequence:    5,
			PublishedAt: timestamppb.New(time.Date(2026, 5, 17, 8, 0, 1, 0, time.UTC)),
			Payload:     &contactv1.PersonEvent_Rejected{Rejected: &contactv1.Rejected{Reason: "not a message\x1b[31m", Size: 12}},
		}),
		printer.Gap(&contactv1.Gap{First: 17, Last: 19, Reason: contactv1.GapReason_GAP_REASON_DELETED}),
		printer.Gap(&contactv1.Gap{First: 20, Last: 20, Reason: contactv1.GapReason_GAP_REASON_NOT_RETAINED}),
		printer.Gap(&contactv1.Gap{First: 21, Reason: contactv1.GapReason_GAP_REASON_EPOCH_CHANGED}),
		printer.Event(personEvent(123456789012, &contactv1.Person{Name: strings.Repeat("Maximiliane ", 4), Email: strings.Repeat("a", 60) + "@example.org"})),
		printer.Flush(),
	}
	for _, err := range show {
		if err != nil {
			t.Fatal(err)
		}
	}

	return out.String()
}

func TestTables(t *testing.T) {
	t.Parallel()

	for name, options := range map[string]TableOptions{
		"terminal of 120 columns": {Width: 120},
		"narrow terminal":         {Width: 60},
		"in colour":               {Width: 120, Style: colours()},
		"no terminal":             {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := tableOf(t, options)
			golden := filepath.Join("testdata", "table", strings.ReplaceAll(name, " ", "-")+".txt")

			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}

			if got != string(want) {
				t.Errorf("got:\n%s\nwant (rewrite by -update):\n%s", got, want)
			}
		})
	}
}

func TestTheBirthdatesStandInOneColumn(t *testing.T) {
	t.Parallel()

	var columns []int

	for line := range strings.Lines(tableOf(t, TableOptions{Width: 120})) {
		for _, date := range []string{"BIRTHDATE", "1815-12-10", "0990-01-02", "1990-05-17"} {
			if before, _, found := strings.Cut(line, date); found {
				columns = append(columns, displaywidth.String(before))
			}
		}
	}

	if len(columns) != 4 {
		t.Fatalf("found %d dates, want 4", len(columns))
	}

	for _, column := range columns {
		if column != columns[0] {
			t.Errorf("the dates stand in columns %v", columns)
		}
	}
}

func TestNothingOfAPersonActsOnATerminal(t *testing.T) {
	t.Parallel()

	for line := range strings.Lines(tableOf(t, TableOptions{Width: 120})) {
		if line = strings.TrimSuffix(line, "\n"); Harmless(line) != line {
			t.Errorf("the table holds %q", line)
		}
	}
}
