package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"rollcall/cmd/rollcall/terminal"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/client"
	"rollcall/internal/format"
	"rollcall/internal/position"
	"rollcall/internal/statefile"
)

// watchCmd shows persons as they come.
type watchCmd struct {
	All   bool   `group:"start" xor:"start" help:"With the first person that still exists."`
	Last  uint32 `group:"start" xor:"start" placeholder:"N" help:"With the last N persons stored."`
	Since string `group:"start" xor:"start" placeholder:"TIME" help:"With the first person stored so long ago (1h, 30m) or since then (RFC 3339, such as 2026-05-17T08:00:00Z)."`
	After string `group:"start" xor:"start" placeholder:"EPOCH:SEQ" help:"With the one after this position, as submit prints it."`

	State string `group:"resume" type:"path" placeholder:"FILE" help:"Keep the watch's position in this file, and go on from there when started again; where to start counts for the first time only. One watch at a time has the file, and it belongs to one --filter."`

	Filter string `group:"what" placeholder:"CEL" help:"Only persons for which this is true: a CEL expression over person, at most 4096 characters, such as person.email.endsWith(\"@example.org\"). Gaps and messages that are no person are always shown."`
	Count  uint64 `group:"what" placeholder:"N" help:"End after N persons (messages that are no person count too). 0 is no limit."`

	connectionFlags

	ConnectTimeout time.Duration `default:"5s" group:"connection" placeholder:"TIME" help:"Give up when no server has answered for so long at the beginning, such as 5s. Once one has, a lost connection is made again for as long as it takes. Default: ${default}."`

	Output   string `default:"table" enum:"table,json,csv,vcard" env:"ROLLCALL_WATCH_OUTPUT" group:"output" placeholder:"FORMAT" help:"table, also when piped; json: one PersonEvent in the API's JSON a line, and {\"gap\":{…}} for what is gone; csv; or vcard: version 4.0. submit reads all but the table again. With csv and vcard, what is gone and what is no person is said on standard error. Default: ${default}."`
	Progress bool   `group:"output" help:"With --output json, print {\"progress\":{…}} too: the position to give to --after."`
}

// Help is the longer part of --help.
func (*watchCmd) Help() string {
	return fmt.Sprintf(`Shows every person once and in order, and says what is gone. A connection that is lost, or silent for %v, is made again by itself, and the watch goes on right after the last person shown. While nothing comes, a terminal says that it waits. Ends with Ctrl-C.

With --state it also goes on after it was stopped: the position is saved when it ends and meanwhile every %v at most, always after what it stands for was printed. After Ctrl-C or SIGTERM nothing is missed and nothing shown twice; after a kill or a crash what was printed since the last save is shown again.

`, client.Silence, statefile.SaveInterval) + examples(
		`rollcall watch --last 10`,
		`rollcall watch --since 1h --filter 'person.email.endsWith("@example.org")'`,
		`rollcall watch --all --count 100 --output json | jq -r .person.name`,
		`rollcall watch --all --state seen.json --output json >> persons.ndjson`,
		`rollcall watch --last 500 --count 500 --output vcard > contacts.vcf`,
	)
}

// Run watches until Ctrl-C, which is the usual end and no failure.
func (c *watchCmd) Run(ctx context.Context) (err error) {
	watch, err := c.watch()
	if err != nil {
		return usageError{err}
	}

	output := c.output()
	defer output.clear()

	watch.Printer, watch.Notice = output.printer, output.notice

	connection, err := c.connect(client.Options{})
	if err != nil {
		return err
	}
	defer connection.Close()

	watch.Client = contactv1connect.NewWatchServiceClient(connection.RPC)

	if c.State != "" {
		if watch.State, err = c.openState(); err != nil {
			return err
		}

		defer func() {
			if closing := watch.State.Close(); err == nil {
				err = closing
			}
		}()
	}

	err = watch.Run(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}

	if place, ok := client.PlaceInFilter(err); ok {
		return drawnError{err, terminal.Caret(c.Filter, place.Line, place.Column)}
	}

	return err
}

func (c *watchCmd) openState() (*statefile.Watch, error) {
	state, err := statefile.OpenWatch(c.State, c.Filter)
	if errors.Is(err, statefile.ErrUnfit) {
		return nil, usageError{err}
	}

	return state, err
}

func (c *watchCmd) watch() (*client.Watch, error) {
	if c.ConnectTimeout <= 0 {
		return nil, fmt.Errorf("--connect-timeout %v is not above 0", c.ConnectTimeout)
	}

	if c.Progress && c.Output != "json" {
		return nil, errors.New("--progress is for --output json")
	}

	start, err := c.start()
	if err != nil {
		return nil, err
	}

	return &client.Watch{
		Start:          start,
		Filter:         c.Filter,
		Count:          c.Count,
		ConnectTimeout: c.ConnectTimeout,
	}, nil
}

// watchOutput is where a watch goes: persons, what is said of it, and on a terminal,
// until cleared, that it waits.
type watchOutput struct {
	printer client.Printer
	notice  func(line string)
	clear   func()
}

func (c *watchCmd) output() watchOutput {
	if !terminal.CanRedraw(os.Stderr) || isPipe(os.Stdout) {
		notice := func(line string) { complain(os.Stderr, line) }

		return watchOutput{printer: c.printer(notice), notice: notice, clear: func() {}}
	}

	var status *terminal.StatusLine

	notice := func(line string) { status.Line(appName + ": " + line) }
	status = terminal.NewStatusLine(os.Stderr, c.printer(notice), c.Count)

	return watchOutput{printer: status, notice: notice, clear: status.Clear}
}

// isPipe reports whether another command prints what this one does, when it likes: on
// the terminal, perhaps, and into our line.
func isPipe(stream *os.File) bool {
	info, err := stream.Stat()

	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

func (c *watchCmd) printer(notice func(line string)) client.Printer {
	switch c.Output {
	case "json":
		return terminal.NewJSON(os.Stdout, c.Progress)
	case "csv":
		return terminal.NewRecords(os.Stdout, c.csvHeader(), encodingFor(os.Stdout, format.AppendCSV), notice)
	case "vcard":
		return terminal.NewRecords(os.Stdout, nil, encodingFor(os.Stdout, format.AppendVCard), notice)
	default:
		return terminal.NewTable(os.Stdout, terminal.TableOptions{
			Width: terminal.Width(os.Stdout),
			Style: terminal.StyleFor(os.Stdout),
		})
	}
}

// encodingFor is the encoding as it is, unless people look at it.
func encodingFor(out *os.File, encoding terminal.Encoding) terminal.Encoding {
	if terminal.Is(out) {
		return terminal.HarmlessEncoding(encoding)
	}

	return encoding
}

// csvHeader is nil for a watch that goes on where its state is: what it prints goes
// behind what is there.
func (c *watchCmd) csvHeader() []byte {
	if _, err := os.Stat(c.State); c.State != "" && err == nil {
		return nil
	}

	return format.CSVHeader()
}

// start is the one that was given; the grammar lets only one be.
func (c *watchCmd) start() (client.Start, error) {
	switch {
	case c.All:
		return client.StartAll(), nil
	case c.Last > 0:
		return client.StartLast(c.Last), nil
	case c.Since != "":
		return c.startSince()
	case c.After != "":
		return c.startAfter()
	default:
		return client.StartNew(), nil
	}
}

func (c *watchCmd) startSince() (client.Start, error) {
	since, err := client.ParseSince(c.Since, time.Now())
	if err != nil {
		return nil, fmt.Errorf("--since: %w", err)
	}

	return client.StartSince(since), nil
}

func (c *watchCmd) startAfter() (client.Start, error) {
	after, err := position.Parse(c.After)
	if err != nil {
		return nil, fmt.Errorf("--after: %w", err)
	}

	return client.StartAfter(after), nil
}
