package main

import (
	"os"
	"strings"
	"testing"
)

func TestExitStatusAndTheOneLineOfAFailure(t *testing.T) {
	t.Parallel()

	server := newFixture(t).url

	for name, test := range map[string]struct {
		args   []string
		env    string
		status int
		stderr string
	}{
		"no command":                     {args: nil, status: exitUsage, stderr: "expected one of"},
		"unknown command":                {args: []string{"frob"}, status: exitUsage, stderr: "frob"},
		"unknown flag":                   {args: []string{"watch", "--nope"}, status: exitUsage, stderr: "unknown flag --nope (see rollcall watch --help)"},
		"two starts":                     {args: []string{"watch", "--all", "--last", "3"}, status: exitUsage, stderr: "can't be used together"},
		"two starts, one by env":         {args: []string{"watch", "--all"}, env: "ROLLCALL_LAST=3", status: exitUsage, stderr: "can't be used together"},
		"wrong value by env":             {args: []string{"watch"}, env: "ROLLCALL_COUNT=many", status: exitUsage, stderr: "ROLLCALL_COUNT"},
		"wrong position":                 {args: []string{"watch", "--after", "7"}, status: exitUsage, stderr: "--after"},
		"wrong server":                   {args: []string{"watch", "--server", "localhost"}, status: exitUsage, stderr: "is not a URL"},
		"nothing to submit":              {args: []string{"submit"}, status: exitUsage, stderr: "nothing to submit"},
		"wrong phone":                    {args: []string{"submit", "--name", "Ada", "--phone", "fax:1"}, status: exitUsage, stderr: "fax"},
		"access to the embedded server":  {args: []string{"serve", "--nats-creds", os.Args[0]}, status: exitUsage, stderr: "--nats-creds is for the server given by --nats"},
		"a key for the embedded server":  {args: []string{"serve"}, env: "ROLLCALL_NATS_KEY=" + os.Args[0], status: exitUsage, stderr: "--nats-key is for the server given by --nats"},
		"certificate without key":        {args: []string{"gateway", "--nats", "nats://127.0.0.1:1", "--nats-cert", os.Args[0]}, status: exitUsage, stderr: "--nats-cert needs --nats-key"},
		"key without certificate":        {args: []string{"subscriber", "--nats", "nats://127.0.0.1:1", "--nats-key", os.Args[0]}, status: exitUsage, stderr: "--nats-key needs --nats-cert"},
		"serve, no submissions":          {args: []string{"serve", "--submissions", "0"}, status: exitUsage, stderr: "--submissions must be at least 1"},
		"gateway, no submissions":        {args: []string{"gateway", "--nats", "nats://127.0.0.1:1", "--submissions", "0"}, status: exitUsage, stderr: "--submissions must be at least 1"},
		"serve, progress too often":      {args: []string{"serve", "--progress-interval", "99ms"}, status: exitUsage, stderr: "--progress-interval 99ms must be at least 100ms"},
		"subscriber, progress too often": {args: []string{"subscriber", "--nats", "nats://127.0.0.1:1", "--progress-interval", "99ms"}, status: exitUsage, stderr: "--progress-interval 99ms must be at least 100ms"},
		"new epoch of nothing":           {args: []string{"new-epoch"}, status: exitUsage, stderr: "--nats"},
		"new epoch of both":              {args: []string{"new-epoch", "--nats", "x", "--data", "."}, status: exitUsage, stderr: "can't be used together"},
		"new epoch of an empty folder":   {args: []string{"new-epoch", "--data", "."}, status: exitUsage, stderr: "rollcall serve has kept nothing there"},
		"no such file":                   {args: []string{"submit", "no-such.ndjson"}, status: exitFailure, stderr: "no-such.ndjson"},
		"refused person":                 {args: []string{"submit", "--server", server, "--name", "Nobody"}, status: exitFailure, stderr: "not a�name (INVALID_ARGUMENT)"},
		"server away":                    {args: []string{"submit", "--server", "http://127.0.0.1:1", "--retry-for", "0s", "--name", "Ada"}, status: exitFailure, stderr: "--key "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			command := rollcall(t, test.args...)
			command.Env = append(command.Env, test.env)
			got := finish(t, command)

			if got.status != test.status || got.stdout != "" {
				t.Errorf("status %d, stdout %q; want %d and nothing", got.status, got.stdout, test.status)
			}

			if !strings.HasPrefix(got.stderr, "rollcall: ") || strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("stderr %q, want one line with %q", got.stderr, test.stderr)
			}
		})
	}
}
