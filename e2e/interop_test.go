package e2e

import (
	"cmp"
	"slices"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"

	contactv1 "rollcall/gen/contact/v1"
)

// foreign is a client that nobody here wrote, with one protocol and codec.
type foreign interface {
	// submit returns the answer, or the refusal if there is one.
	submit(t *testing.T, request *contactv1.SubmitPersonRequest) (*contactv1.SubmitPersonResponse, *refusal)
	// watch returns what comes up to and with the first events.
	watch(t *testing.T, request *contactv1.WatchPersonsRequest) []*contactv1.WatchPersonsResponse
}

// refusal is an error as a client shows it.
type refusal struct {
	code       string // as Connect writes it
	violations *validate.Violations
}

type namedClient struct {
	name string
	new  func(*testing.T, *server) foreign
}

func TestInterop(t *testing.T) {
	s := startServe(t, "--data", t.TempDir())

	for _, client := range clients() {
		t.Run(client.name, func(t *testing.T) {
			tryClient(t, client.new(t, s))
		})
	}
}

func clients() []namedClient {
	return slices.Concat(curlClients(), []namedClient{
		{"grpcurl", newGrpcurl},
		{"grpc-go", newGrpcGo},
	}, npmClients())
}

func tryClient(t *testing.T, client foreign) {
	t.Helper()

	for name, person := range map[string]*contactv1.Person{"complete": complete("ada"), "bare": bare("grace")} {
		request := submission(person, t.Name()+" "+name)

		response, refused := client.submit(t, request)
		if refused != nil {
			t.Fatalf("refused: %s", refused.code)
		}

		again, refused := client.submit(t, request)
		if refused != nil || again.GetSequence() != response.GetSequence() || !again.GetDuplicate() || response.GetDuplicate() {
			t.Fatalf("first %v, then with the same key %v", response, again)
		}

		requireWatched(t, client, response, person)
	}

	requireViolations(t, client)
}

// requireWatched resumes right before a person and takes it.
func requireWatched(t *testing.T, client foreign, stored *contactv1.SubmitPersonResponse, person *contactv1.Person) {
	t.Helper()

	before := position(stored)
	before.Sequence--

	ledger := new(ledger)

	for _, response := range client.watch(t, after(before)) {
		if err := ledger.add(response); err != nil {
			t.Fatal(err)
		}
	}

	event := ledger.events[0]
	if event.GetSequence() != stored.GetSequence() || !event.GetPublishedAt().IsValid() {
		t.Fatalf("stored at %d, watched %v", stored.GetSequence(), event)
	}

	requireSame(t, event.GetPerson(), person)
}

func requireViolations(t *testing.T, client foreign) {
	t.Helper()

	response, refused := client.submit(t, submission(invalid(), ""))
	if refused == nil {
		t.Fatalf("an invalid person was stored: %v", response)
	}

	if refused.code != "invalid_argument" {
		t.Fatalf("refused as %q", refused.code)
	}

	paths := make([]string, 0, len(invalidPaths))

	for _, violation := range refused.violations.GetViolations() {
		paths = append(paths, protovalidate.FieldPathString(violation.GetField()))

		if cmp.Or(violation.GetMessage(), violation.GetRuleId()) == "" {
			t.Errorf("a violation without a message: %v", violation)
		}
	}

	slices.Sort(paths)

	if !slices.Equal(paths, invalidPaths) {
		t.Fatalf("violations name %q, not %q", paths, invalidPaths)
	}
}
