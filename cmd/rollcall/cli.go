package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

const appName = "rollcall"

// cli is the grammar: a field a command, each in a file of its name.
type cli struct {
	Serve      serveCmd      `cmd:"" group:"servers" help:"Run everything in one process."`
	Gateway    gatewayCmd    `cmd:"" group:"servers" help:"Run the service that takes persons, against a NATS server."`
	Subscriber subscriberCmd `cmd:"" group:"servers" help:"Run the service that shows persons, against a NATS server."`

	NewEpoch newEpochCmd `cmd:"" group:"servers" help:"After a restore of the stream: tell old positions from new ones."`

	Submit submitCmd `cmd:"" group:"clients" help:"Submit a person, or a file of them."`
	Watch  watchCmd  `cmd:"" group:"clients" help:"Show persons as they come."`

	Completion completionCmd `cmd:"" group:"others" help:"Print the script that completes rollcall's command lines in a shell."`
	Version    versionCmd    `cmd:"" group:"others" help:"Print the version."`

	Complete completeCmd `cmd:"" name:"__complete" hidden:"" help:"Print what the last word can become; completion scripts call it."`

	LogLevel string `default:"info" enum:"debug,info,warn,error" group:"common" placeholder:"LEVEL" help:"Log this and what is graver, to standard error: one of ${enum}. Text on a terminal, JSON otherwise. Default: ${default}."`
}

const description = `rollcall takes contact persons over HTTP/JSON, gRPC, gRPC-Web or Connect, keeps them in a NATS JetStream stream, and shows them live to any number of watchers.

Every flag can be set by the environment variable beside it; the flag wins.

Exit status: 0 fine, 1 failure, 2 wrong usage. A failure is said in one line on standard error; below a filter's mistake its place is shown. Colours are for terminals, and NO_COLOR turns them off.`

// newParser cannot fail at run time: the grammar is fixed, and the tests build it.
func newParser(grammar *cli) *kong.Kong {
	return kong.Must(grammar,
		kong.Name(appName),
		kong.Description(description),
		kong.DefaultEnvars("ROLLCALL"),
		defaults(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "servers", Title: "Servers:"},
			{Key: "clients", Title: "Clients:"},
			{Key: "others", Title: "Others:"},
			{Key: "person", Title: "One person:"},
			{Key: "import", Title: "Many persons:"},
			{Key: "start", Title: "Where to start (one of these; without any: with what comes from now on):"},
			{Key: "resume", Title: "To go on where it was:"},
			{Key: "what", Title: "What to show:"},
			{Key: "connection", Title: "Connection:"},
			{Key: "nats", Title: "NATS:"},
			{Key: "stream", Title: "The stream (where it is made here, else as it exists):"},
			{Key: "submitting", Title: "Submitting:"},
			{Key: "watching", Title: "Watching:"},
			{Key: "output", Title: "Output:"},
			{Key: "common", Title: "Common:"},
		}),
	)
}

const helpWidth = 100

// examples lays out lines so that help keeps them as they are.
func examples(lines ...string) string {
	return "Examples:\n\n    " + strings.Join(lines, "\n    ")
}
