package report

import (
	"strings"
	"unicode/utf8"
)

// table is written as Markdown whose columns stand below each other, so that it
// can be read on a terminal too. All columns but the first few are numbers.
type table struct {
	texts int // columns that are text, which come first
	rows  [][]string
}

func newTable(texts int, titles ...string) *table {
	return &table{texts: texts, rows: [][]string{titles}}
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// empty reports whether there is nothing but titles.
func (t *table) empty() bool { return len(t.rows) == 1 }

func (t *table) String() string {
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	for i, row := range t.rows {
		t.line(&out, row, widths)
		if i == 0 {
			t.rule(&out, widths)
		}
	}
	return out.String()
}

func (t *table) line(out *strings.Builder, row []string, widths []int) {
	for i, cell := range row {
		padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		out.WriteString("| ")
		if i < t.texts {
			out.WriteString(cell + padding)
		} else {
			out.WriteString(padding + cell)
		}
		out.WriteString(" ")
	}
	out.WriteString("|\n")
}

func (t *table) rule(out *strings.Builder, widths []int) {
	for i, width := range widths {
		out.WriteString("|" + strings.Repeat("-", width+1))
		if i < t.texts {
			out.WriteString("-")
		} else {
			out.WriteString(":")
		}
	}
	out.WriteString("|\n")
}
