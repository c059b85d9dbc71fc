package terminal

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/format"
)

const (
	sequenceWidth  = 8
	timeWidth      = len(timeLayout)
	birthdateWidth = len("2006-01-02")
	timeLayout     = "2006-01-02 15:04:05"
	columnGap      = "  "
	// narrowest is the least that name, e-mail and phones get each; a terminal
	// too narrow for it wraps its lines.
	narrowest = 12
)

// Table prints a line an event, in columns. On a terminal what is too long for
// its column is cut, ending in …; elsewhere nothing is, so that it can be
// searched.
type Table struct {
	out    *bufio.Writer
	style  Style
	zone   *time.Location
	widths columnWidths
	titled bool
}

// TableOptions says how a table looks.
type TableOptions struct {
	// Width is the terminal's, in columns; 0 cuts nothing.
	Width int
	// Style is how parts are set off; the zero Style is plain.
	Style Style
	// Zone is the time zone of the times; nil is the local one.
	Zone *time.Location
}

// columnWidths are those of the columns that share what the fixed ones leave.
type columnWidths struct {
	name, email, phones int
	cut                 bool
}

// NewTable returns a printer to out.
func NewTable(out io.Writer, options TableOptions) *Table {
	zone := options.Zone
	if zone == nil {
		zone = time.Local
	}

	return &Table{
		out:    bufio.NewWriter(out),
		style:  options.Style,
		zone:   zone,
		widths: shareWidth(options.Width),
	}
}

// shareWidth divides a terminal's width: of what the fixed columns leave, name
// and phones take three tenths each and the e-mail four.
func shareWidth(terminal int) columnWidths {
	const (
		elsewhere = 120
		fixed     = sequenceWidth + timeWidth + birthdateWidth + 5*len(columnGap)
		tenths    = 10
	)

	cut := terminal > 0
	if !cut {
		terminal = elsewhere
	}

	left := max(terminal-fixed, 3*narrowest)
	third := max(left*3/tenths, narrowest)

	return columnWidths{name: third, phones: third, email: max(left-2*third, narrowest), cut: cut}
}

// Event prints a person's row, or a rejected message's with the reason.
func (t *Table) Event(event *contactv1.PersonEvent) error {
	if err := t.title(); err != nil {
		return err
	}

	lead := []string{
		fmt.Sprintf("%*d", sequenceWidth, event.GetSequence()),
		event.GetPublishedAt().AsTime().In(t.zone).Format(timeLayout),
	}

	if rejected := event.GetRejected(); rejected != nil {
		why := fmt.Sprintf("rejected: %s (%d bytes)", Harmless(rejected.GetReason()), rejected.GetSize())

		return t.line(t.style.Bad, append(lead, why)...)
	}

	return t.line("", append(lead, t.person(event.GetPerson())...)...)
}

// Gap prints a line that says how many events are gone, which, and why.
func (t *Table) Gap(gap *contactv1.Gap) error {
	if err := t.title(); err != nil {
		return err
	}

	return t.line(t.style.Notable, describeGap(gap))
}

// Progress prints the column titles, once: the watch is alive.
func (t *Table) Progress(*contactv1.Progress) error {
	return t.title()
}

// Flush writes out the lines so far.
func (t *Table) Flush() error {
	return t.out.Flush()
}

func (t *Table) title() error {
	if t.titled {
		return nil
	}

	t.titled = true

	return t.line(t.style.Title,
		fmt.Sprintf("%*s", sequenceWidth, "SEQ"),
		fmt.Sprintf("%-*s", timeWidth, "TIME"),
		t.cell("NAME", t.widths.name),
		t.cell("E-MAIL", t.widths.email),
		t.cell("PHONES", t.widths.phones),
		"BIRTHDATE")
}

func (t *Table) person(person *contactv1.Person) []string {
	return []string{
		t.cell(person.GetName(), t.widths.name),
		t.cell(person.GetEmail(), t.widths.email),
		t.cell(describePhones(person.GetPhones()), t.widths.phones),
		format.Date(person.GetBirthdate()),
	}
}

// line prints cells as one line, set off by a style; the last one is unpadded.
func (t *Table) line(style string, cells ...string) error {
	text := strings.TrimRight(strings.Join(cells, columnGap), " ")
	_, err := t.out.WriteString(t.style.wrap(style, text) + "\n")

	return err
}

// cell makes text exactly so wide on a terminal, where a character may take no
// column or two.
func (t *Table) cell(text string, width int) string {
	text = Harmless(text)

	if t.widths.cut {
		text = displaywidth.TruncateString(text, width, "…")
	}

	return text + strings.Repeat(" ", max(width-displaywidth.String(text), 0))
}

func describePhones(phones []*contactv1.PhoneNumber) string {
	described := make([]string, 0, len(phones))
	for _, phone := range phones {
		described = append(described, describePhone(phone))
	}

	return strings.Join(described, ", ")
}

func describePhone(phone *contactv1.PhoneNumber) string {
	kind := format.PhoneKind(phone.GetType())
	if kind == "" {
		return phone.GetNumber()
	}

	return phone.GetNumber() + " (" + kind + ")"
}
