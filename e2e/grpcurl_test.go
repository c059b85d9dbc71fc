package e2e

import (
	"strings"
	"testing"

	"rollcall/e2e/clients"
	"rollcall/e2e/servers"
)

func TestGrpcurlListsAndDescribes(t *testing.T) {
	requireReflection(t, clients.NewGrpcurl(t, servers.StartServe(t, "--data", t.TempDir())))
}

func requireReflection(t *testing.T, g clients.Grpcurl) {
	t.Helper()

	for question, answers := range map[string][]string{
		"list":                                    {"contact.v1.StatusService", "contact.v1.SubmitService", "contact.v1.WatchService", "grpc.health.v1.Health"},
		"describe contact.v1.SubmitService":       {"rpc SubmitPerson ( .contact.v1.SubmitPersonRequest ) returns ( .contact.v1.SubmitPersonResponse );"},
		"describe contact.v1.WatchService":        {"rpc WatchPersons ( .contact.v1.WatchPersonsRequest ) returns ( stream .contact.v1.WatchPersonsResponse );"},
		"describe contact.v1.SubmitPersonRequest": {".contact.v1.Person person = 1", "string idempotency_key = 2"},
	} {
		output, err := g.Ask(question).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", question, err, output)
		}

		for _, answer := range answers {
			if !strings.Contains(string(output), answer) {
				t.Errorf("%s: no %q in %s", question, answer, output)
			}
		}
	}
}

func TestGrpcurlShowsViolations(t *testing.T) {
	s := servers.StartServe(t, "--data", t.TempDir())
	client := clients.NewGrpcurl(t, s)

	output, err := client.Command(`{"person":{"name":"Ada","email":"ada"}}`, clients.SubmitMethod).CombinedOutput()
	if err == nil {
		t.Fatalf("it was stored: %s", output)
	}

	for _, shown := range []string{"Code: InvalidArgument", "person.email", "buf.validate.Violations", "string.email"} {
		if !strings.Contains(string(output), shown) {
			t.Errorf("no %q in %s", shown, output)
		}
	}
}
