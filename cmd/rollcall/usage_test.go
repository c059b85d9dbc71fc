package main

import (
	"strings"
	"testing"
)

// TestWrongValuesAreSaidInPlainWords gives each kind of flag what it can't read.
func TestWrongValuesAreSaidInPlainWords(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		line, env string
		want      string
	}{
		"no whole number":     {line: "watch --count x", want: `--count: expected a whole number, 0 or more and not too large, but got "x"`},
		"too large":           {line: "watch --last 99999999999", want: `--last: expected a whole number, 0 or more and not too large, but got "99999999999"`},
		"below 0":             {line: "watch", env: "ROLLCALL_COUNT=-3", want: `--count: expected a whole number, 0 or more and not too large, but got "-3" (from the environment's ROLLCALL_COUNT="-3")`},
		"no whole number, +-": {line: "submit --in-flight x a.csv", want: `--in-flight: expected a whole number but got "x"`},
		"no number":           {line: "serve --rate-limit x", want: `--rate-limit: expected a number but got "x"`},
		"no duration":         {line: "watch --connect-timeout x", want: `--connect-timeout: expected a duration such as 500ms, 5s or 10m but got "x"`},
		"no unit":             {line: "serve", env: "ROLLCALL_MAX_AGE=3", want: `--max-age: expected a duration such as 500ms, 5s or 10m but got "3" (from the environment's ROLLCALL_MAX_AGE="3")`},
		"neither yes nor no":  {line: "watch", env: "ROLLCALL_PROGRESS=perhaps", want: `--progress: must be true, 1, yes, false, 0 or no but got "perhaps" (from the environment's ROLLCALL_PROGRESS="perhaps")`},
		"a number missing":    {line: "watch --count", want: "--count: needs a value"},
		"a text missing":      {line: "watch --filter", want: "--filter: needs a value"},
		"a size missing":      {line: "serve --ring", want: "--ring: needs a value"},
		"one of many missing": {line: "submit --phone", want: "--phone: needs a value"},
		"a flag for a value":  {line: "submit --name --email", want: `--name: got "--email", which reads as a flag: if it is meant, write --name="--email"`},
		"a folder not there":  {line: "new-epoch --data /no/such", want: "--data: there is no /no/such"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			words := strings.Fields(test.line)
			command := rollcall(t, words...)
			command.Env = append(command.Env, test.env)

			want := result{exitUsage, "", "rollcall: " + test.want + " (see rollcall " + words[0] + " --help)\n"}
			if got := finish(t, command); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
