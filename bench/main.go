// Command bench measures rollcall side by side with others: the fan-out to its
// watchers (packages plan, peer, client), and what submits to it (package submit and
// those in it).
package main

import (
	"fmt"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
)

const description = `bench sends the same events through rollcall and through what one might use in its place, checks at every watcher that none is missing, and says what it cost. It also submits the same persons to rollcall and to what one might write in its place, checks every answer and what is stored in the end, and says what that cost.

Each point has a server process and a client process of its own on this machine. A default run takes about half an hour; it wants a machine that does nothing else.`

// cli is the grammar: a field a command, each in a file of its name.
type cli struct {
	Run     runCmd     `cmd:"" default:"withargs" help:"Measure, and print the table."`
	Serve   serveCmd   `cmd:"" hidden:"" help:"Be a system that is measured, controlled over standard input and output."`
	Clients clientsCmd `cmd:"" hidden:"" help:"Be the watchers, controlled over standard input and output."`

	Take       takeCmd       `cmd:"" hidden:"" help:"Be a system that persons are submitted to, controlled over standard input and output."`
	Submitters submittersCmd `cmd:"" hidden:"" help:"Be those who submit, controlled over standard input and output."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	const failure, wrongUsage = 1, 2
	parser := kong.Must(&cli{}, kong.Name("bench"), kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v (see bench --help)\n", err)
		return wrongUsage
	}
	if err := parsed.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		return failure
	}
	return 0
}

// outliveDriver leaves it to the driver to end us: an interrupt from the terminal
// goes to all, and what is left behind on disk shall be removed first.
func outliveDriver() { signal.Ignore(os.Interrupt) }
