package e2e

import (
	"cmp"
	"slices"
	"testing"

	"buf.build/go/protovalidate"

	"rollcall/e2e/clients"
	"rollcall/e2e/ledger"
	"rollcall/e2e/persons"
	"rollcall/e2e/servers"
	contactv1 "rollcall/gen/contact/v1"
)

func TestInterop(t *testing.T) {
	s := servers.StartServe(t, "--data", t.TempDir())

	for _, client := range clients.All() {
		t.Run(client.Name, func(t *testing.T) {
			tryClient(t, client.New(t, s))
		})
	}
}

func tryClient(t *testing.T, client clients.Client) {
	t.Helper()

	for name, person := range map[string]*contactv1.Person{"complete": persons.Complete("ada"), "bare": persons.Bare("grace")} {
		request := clients.Submission(person, t.Name()+" "+name)

		response, refused := client.Submit(t, request)
		if refused != nil {
			t.Fatalf("refused: %s", refused.Code)
		}

		again, refused := client.Submit(t, request)
		if refused != nil || again.GetSequence() != response.GetSequence() || !again.GetDuplicate() || response.GetDuplicate() {
			t.Fatalf("first %v, then with the same key %v", response, again)
		}

		requireWatched(t, client, response, person)
	}

	requireViolations(t, client)
}

// requireWatched resumes right before a person and takes it.
func requireWatched(t *testing.T, client clients.Client, stored *contactv1.SubmitPersonResponse, person *contactv1.Person) {
	t.Helper()

	before := clients.Position(stored)
	before.Sequence--

	seen := new(ledger.Ledger)

	for _, response := range client.Watch(t, clients.After(before)) {
		if err := seen.Add(response); err != nil {
			t.Fatal(err)
		}
	}

	event := seen.Events[0]
	if event.GetSequence() != stored.GetSequence() || !event.GetPublishedAt().IsValid() {
		t.Fatalf("stored at %d, watched %v", stored.GetSequence(), event)
	}

	requireSame(t, event.GetPerson(), person)
}

func requireViolations(t *testing.T, client clients.Client) {
	t.Helper()

	response, refused := client.Submit(t, clients.Submission(persons.Invalid(), ""))
	if refused == nil {
		t.Fatalf("an invalid person was stored: %v", response)
	}

	if refused.Code != "invalid_argument" {
		t.Fatalf("refused as %q", refused.Code)
	}

	paths := make([]string, 0, len(persons.InvalidPaths))

	for _, violation := range refused.Violations.GetViolations() {
		paths = append(paths, protovalidate.FieldPathString(violation.GetField()))

		if cmp.Or(violation.GetMessage(), violation.GetRuleId()) == "" {
			t.Errorf("a violation without a message: %v", violation)
		}
	}

	slices.Sort(paths)

	if !slices.Equal(paths, persons.InvalidPaths) {
		t.Fatalf("violations name %q, not %q", paths, persons.InvalidPaths)
	}
}
