package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"rollcall/cmd/rollcall/terminal"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/client"
	"rollcall/internal/format"
	"rollcall/internal/statefile"
)

const standardInput = "-"

// importFlags say how a FILE is imported.
type importFlags struct {
	Format   string   `default:"auto" enum:"auto,ndjson,csv,vcard" group:"import" placeholder:"NAME" help:"How the persons are written: one of ${enum}. auto goes by the file's extension (.ndjson, .jsonl, .csv, .tsv, .vcf, .vcard), and is ndjson where that says nothing. Default: ${default}."`
	Map      []string `group:"import" sep:"none" placeholder:"COLUMN=FIELD" help:"What a CSV's column is, where its title does not say it: name, or given and family; email; phone, mobile, home or work; phones (several [KIND:]NUMBER with ; between); birthdate; - leaves it out. The column * is all that are not understood. May be given again."`
	Rejects  string   `group:"import" type:"path" placeholder:"FILE" help:"Write the rows that are refused to this new file, as they came and each with the reason, to be mended and imported."`
	State    string   `group:"import" type:"path" placeholder:"FILE" help:"Keep in this file how far the import is. A run that ended anyhow, started again, goes on there, and each row is stored once however much later it is."`
	ImportID string   `group:"import" placeholder:"TEXT" help:"What the rows' idempotency keys begin with, 1 to 100 printable ASCII characters. Default: the hash of the file; for standard input a random one, so that it can't be imported twice with each row stored once."`
	InFlight int      `default:"2048" group:"import" placeholder:"N" help:"Have so many rows on their way at most, 1 to ${max_in_flight}. Default: ${default}."`
}

func (f *importFlags) check(path string) error {
	switch {
	case f.InFlight < 1 || f.InFlight > client.MaxWindow:
		return fmt.Errorf("--in-flight %d is not between 1 and %d", f.InFlight, client.MaxWindow)
	case !client.IsImportID(f.ImportID):
		return fmt.Errorf("--import-id %q is not 1 to 100 printable ASCII characters without a space", f.ImportID)
	case path == standardInput && f.State != "" && f.ImportID == "":
		return errors.New("--state for standard input needs --import-id, by which it is known again")
	case len(f.Map) > 0 && f.formatOf(path) != format.CSV:
		return errors.New("--map is for CSV")
	default:
		return nil
	}
}

func (f *importFlags) formatOf(path string) format.Format {
	if f.Format != "auto" {
		return format.Format(f.Format)
	}

	if known, ok := format.Of(path); ok {
		return known
	}

	return format.NDJSON
}

// columns reads COLUMN=FIELD. A title may have a = of its own, a field has none.
func (f *importFlags) columns() (format.Columns, error) {
	columns := format.Columns{}

	for _, text := range f.Map {
		at := strings.LastIndexByte(text, '=')
		if at < 0 {
			return nil, fmt.Errorf("--map %q is not COLUMN=FIELD", text)
		}

		columns[text[:at]] = text[at+1:]
	}

	return columns, nil
}

// importFile submits every row of a file, or of standard input.
func (c *submitCmd) importFile(ctx context.Context) error {
	in, err := openImport(c.File, c.ImportID)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()

	progress := newImportProgress(in)
	defer progress.clear()

	rows, err := c.rows(progress.input)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", c.File, inFlags(err))}
	}

	connections, err := c.connectImport()
	if err != nil {
		return err
	}
	defer connections.close()

	state, err := c.openState(ctx, in.id, connections, progress.say)
	if err != nil {
		return err
	}
	defer func() { _ = state.Close() }()

	if state.Done() {
		progress.say(fmt.Sprintf("%s is imported already, says %s: nothing to do", c.File, c.State))

		return nil
	}

	rejects, err := openRejects(c.Rejects, rows, state.GoesOn())
	if err != nil {
		return err
	}

	imported := &client.Import{
		Client: connections.streams(), Batches: connections.batches(),
		Rows: rows, ID: in.id, Window: c.InFlight, RetryFor: c.RetryFor, State: state,
		Settled: progress.settled, Notice: progress.say,
		Refused: func(row format.Row, why string) error {
			progress.say(fmt.Sprintf("line %d: %s", row.Line, why))

			return rejects.add(row, why)
		},
	}

	summary, err := imported.Run(ctx)
	err = errors.Join(err, rejects.close())

	progress.clear()
	fmt.Fprintln(os.Stderr, summary)

	return c.outcome(summary, err)
}

// outcome is what the command says of an import at last.
func (c *submitCmd) outcome(summary client.Summary, err error) error {
	switch {
	case errors.Is(err, client.ErrHTTP2Required):
		return fmt.Errorf("importing stopped early: %w", inFlags(err))
	case err != nil && (c.State != "" || c.File != standardInput || c.ImportID != ""):
		return fmt.Errorf("importing stopped early: %s; run the same again to go on", client.Explain(err))
	case err != nil:
		return fmt.Errorf("importing stopped early: %s", client.Explain(err))
	case summary.Refused > 0:
		return fmt.Errorf("%d of %d persons were refused", summary.Refused, summary.Rows())
	default:
		return nil
	}
}

func (c *submitCmd) rows(in io.Reader) (format.Reader, error) {
	columns, err := c.columns()
	if err != nil {
		return nil, err
	}

	return format.NewReader(in, c.formatOf(c.File), columns)
}

// openState returns the state file's, which knows where the stream ended before the
// first row; nil without one.
func (c *submitCmd) openState(ctx context.Context, id string, connections importConnections, notice func(string)) (*statefile.Import, error) {
	if c.State == "" {
		return nil, nil //nolint:nilnil // a nil state is of an import that keeps none
	}

	state, err := statefile.OpenImport(c.State, id)

	switch {
	case errors.Is(err, statefile.ErrUnfit):
		return nil, usageError{err}
	case err != nil || state.GoesOn():
		return state, err
	}

	head, err := client.Head(ctx, connections.watch(), c.RetryFor, notice)
	if err == nil {
		err = state.Begin(head)
	}

	if err != nil {
		_ = state.Close()

		return nil, err
	}

	return state, nil
}

// importConnections are the ways to the server: over HTTP/2, which streams upwards
// need, and whatever gets through.
type importConnections struct {
	http2, any *client.Connection
}

func (c *submitCmd) connectImport() (importConnections, error) {
	overHTTP2, err := c.connect(client.Options{HTTP2: true})
	if err != nil {
		return importConnections{}, err
	}

	whatever, err := c.connect(client.Options{})

	return importConnections{http2: overHTTP2, any: whatever}, err
}

func (c importConnections) streams() contactv1connect.SubmitServiceClient {
	return contactv1connect.NewSubmitServiceClient(c.http2.RPC)
}

func (c importConnections) batches() contactv1connect.SubmitServiceClient {
	return contactv1connect.NewSubmitServiceClient(c.any.RPC)
}

func (c importConnections) watch() contactv1connect.WatchServiceClient {
	return contactv1connect.NewWatchServiceClient(c.any.RPC)
}

func (c importConnections) close() {
	c.http2.Close()
	c.any.Close()
}

// importProgress is what people see on standard error meanwhile: lines, and a bar
// below them where that is a terminal.
type importProgress struct {
	input   io.Reader
	say     func(line string)
	settled func(client.Summary)
	clear   func()
}

func newImportProgress(in *importInput) importProgress {
	if !terminal.CanRedraw(os.Stderr) {
		say := func(line string) { fmt.Fprintln(os.Stderr, terminal.Harmless(line)) }

		return importProgress{input: in, say: say, clear: func() {}}
	}

	bar := terminal.NewProgressBar(os.Stderr, in.size)

	return importProgress{
		input: bar.Reader(in), say: bar.Line, clear: bar.Clear,
		settled: func(summary client.Summary) { bar.Settled(summary.Rows()) },
	}
}

// importInput is what is imported, with the name that makes importing it again
// safe.
type importInput struct {
	*os.File

	id string
	// size is in bytes; 0 where it is not known.
	size int64
}

// openImport opens a file. Only a regular file can be read twice, once for its
// name; anything else gets a new name each time, if it is given none.
func openImport(path, id string) (*importInput, error) {
	if path == standardInput {
		return identifyImport(os.Stdin, id)
	}

	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the file to import: %w", err)
	}

	in, err := identifyImport(file, id)
	if err != nil {
		_ = file.Close()

		return nil, fmt.Errorf("%s: %w", path, err)
	}

	return in, nil
}

func identifyImport(file *os.File, id string) (*importInput, error) {
	info, err := file.Stat()

	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a directory: give a file")
	}

	in := &importInput{File: file, id: id}
	regular := info.Mode().IsRegular() && file != os.Stdin

	if regular {
		in.size = info.Size()
	}

	switch {
	case id != "":
		return in, nil
	case !regular:
		in.id = client.NewImportID()
	default:
		in.id, err = client.FileImportID(file)
	}

	return in, err
}
