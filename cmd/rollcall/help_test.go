package main

import (
	"strings"
	"testing"
)

func TestHelpShowsExamplesAndEnvironment(t *testing.T) {
	t.Parallel()

	for name, variables := range map[string][]string{
		"serve":      {"ROLLCALL_LISTEN"},
		"gateway":    {"ROLLCALL_LISTEN"},
		"subscriber": {"ROLLCALL_LISTEN"},
		"new-epoch":  {"ROLLCALL_NATS", "ROLLCALL_DATA", "ROLLCALL_YES"},
		"submit":     {"ROLLCALL_SERVER", "ROLLCALL_NAME", "ROLLCALL_IN_FLIGHT", "ROLLCALL_RETRY_FOR", "ROLLCALL_SUBMIT_OUTPUT"},
		"watch":      {"ROLLCALL_SERVER", "ROLLCALL_LAST", "ROLLCALL_STATE", "ROLLCALL_CONNECT_TIMEOUT", "ROLLCALL_WATCH_OUTPUT"},
		"version":    {"ROLLCALL_VERSION_OUTPUT"},
		"completion": {"ROLLCALL_LOG_LEVEL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := finish(t, rollcall(t, name, "--help"))
			if got.status != exitFine || got.stderr != "" {
				t.Fatalf("status %d, stderr %q", got.status, got.stderr)
			}

			if count := strings.Count(got.stdout, "rollcall "+name); count < 4 {
				t.Errorf("%d lines with rollcall %s, want the usage and three examples:\n%s", count, name, got.stdout)
			}

			for _, variable := range variables {
				if !strings.Contains(got.stdout, "$"+variable) {
					t.Errorf("no %s in:\n%s", variable, got.stdout)
				}
			}
		})
	}
}

func TestHelpStatesTheExitStatuses(t *testing.T) {
	t.Parallel()

	got := finish(t, rollcall(t, "--help"))
	if !strings.Contains(strings.Join(strings.Fields(got.stdout), " "), "Exit status: 0 fine, 1 failure, 2 wrong usage") {
		t.Errorf("got:\n%s", got.stdout)
	}
}
