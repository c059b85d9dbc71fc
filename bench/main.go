// Command bench measures rollcall's fan-out side by side with others.
package main

import (
	"fmt"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
)

const description = `bench sends the same events through rollcall and through what one might use in its place, checks at every watcher that none is missing, and says what it cost.

Each point has a server process and a client process of its own on this machine. A default run takes about a quarter of an hour; it wants a machine that does nothing else.`

// cli is the grammar: a field a command, each in a file of its name.
type cli struct {
	Run     runCmd     `cmd:"" default:"withargs" help:"Measure, and print the table."`
	Serve   serveCmd   `cmd:"" hidden:"" help:"Be a system that is measured, controlled over standard input and output."`
	Clients clientsCmd `cmd:"" hidden:"" help:"Be the watchers, controlled over standard input and output."`
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
