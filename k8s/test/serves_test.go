package k8stest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// answer is that of SubmitPerson, in JSON.
type answer struct {
	Sequence string `json:"sequence"`
	Epoch    string `json:"epoch"`
}

// serves does what the README's examples do, by curl and grpcurl.
func (c *cluster) serves(t *testing.T) {
	t.Helper()

	in, out := c.reach(t, gateway), c.reach(t, subscriber)

	var first, second answer

	parse(t, run(t, "curl", "--silent", "--show-error", "--fail-with-body", "--retry", "3", "http://"+in+"/contact.v1.SubmitService/SubmitPerson",
		"--header", "Content-Type: application/json",
		"--data", `{"person":{"name":"Ada Lovelace","email":"ada@example.org"},"idempotencyKey":"by-curl"}`), &first)
	parse(t, run(t, "grpcurl", "-plaintext", "-d", `{"person":{"name":"Grace Hopper","email":"grace@example.org"},"idempotency_key":"by-grpcurl"}`,
		in, "contact.v1.SubmitService/SubmitPerson"), &second)

	if first.Sequence == "" || second.Sequence == "" || first.Epoch == "" || first.Epoch != second.Epoch {
		t.Fatalf("answered %+v and %+v", first, second)
	}

	for name, watch := range map[string][]string{
		"curl":    {"curl", "--silent", "--no-buffer", "http://" + out + "/events?all"},
		"grpcurl": {"grpcurl", "-plaintext", "-max-time", "5", "-d", `{"all":{}}`, out, "contact.v1.WatchService/WatchPersons"},
	} {
		t.Run(name, func(t *testing.T) {
			eventually(t, time.Minute, func() error {
				// A watch has no end of its own.
				printed, err := try(t.Context(), "timeout", append([]string{"3"}, watch...)...)
				for _, email := range []string{"ada@example.org", "grace@example.org"} {
					if strings.Count(printed, email) != 1 {
						return err
					}
				}

				return nil
			})
		})
	}

	// The page, and what is wrong with a person.
	if page := run(t, "curl", "--silent", "--show-error", "--fail", "--header", "Accept: text/html", "http://"+out+"/"); !strings.Contains(page, "<html") {
		t.Errorf("the dashboard is %q", page)
	}

	refusal := run(t, "curl", "--silent", "--show-error", "http://"+in+"/contact.v1.SubmitService/SubmitPerson",
		"--header", "Content-Type: application/json", "--data", `{"person":{"name":"Ada","email":"ada"}}`)
	if !strings.Contains(refusal, "email") || !strings.Contains(refusal, "invalid_argument") {
		t.Errorf("a wrong e-mail address is answered with %s", refusal)
	}
}

func parse(t *testing.T, text string, into any) {
	t.Helper()

	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
