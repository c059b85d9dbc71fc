package main

import (
	"testing"
)

func TestSubmittingOnePerson(t *testing.T) {
	t.Parallel()

	server := newFixture(t).url

	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"stored":    {nil, "e1:7\n"},
		"duplicate": {[]string{"--key", "again"}, "e1:7 (duplicate)\n"},
		"as JSON":   {[]string{"--output", "json"}, `{"epoch":"e1","sequence":"7"}` + "\n"},
		"over gRPC-Web": {
			[]string{"--protocol", "grpcweb", "--phone", "mobile:+49 151 1", "--phone", "110", "--birthdate", "1990-05-17"}, "e1:7\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			args := append([]string{"submit", "--name", "Ada", "--email", "ada@example.org"}, test.args...)
			command := rollcall(t, args...)
			command.Env = append(command.Env, "ROLLCALL_SERVER="+server, "ROLLCALL_WATCH_OUTPUT=table")

			if got := finish(t, command); got != (result{exitFine, test.want, ""}) {
				t.Errorf("got %+v, want %q", got, test.want)
			}
		})
	}
}
