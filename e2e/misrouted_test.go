package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"rollcall/e2e/clients"
	"rollcall/e2e/programs"
	"rollcall/e2e/servers"
)

// TestCurlIsToldWhatToSend makes the mistakes that are made with curl at first.
func TestCurlIsToldWhatToSend(t *testing.T) {
	programs.NeedCommand(t, "curl")

	s := servers.StartServe(t, "--data", t.TempDir())

	for _, test := range []struct {
		name    string
		options []string
		path    string
		status  int
		says    string
	}{
		{"its own content type", []string{"-d", "{}"}, clients.SubmitMethod, 415, "-H 'Content-Type: application/json'"},
		{"its own content type for Cap'n Proto", []string{"-d", "x"}, "/persons", 415, "-H 'Content-Type: application/x-capnp'"},
		{"JSON to a stream", []string{"-d", "{}", "-H", "Content-Type: application/json"}, clients.WatchMethod, 415, "GET /events"},
		{"GET of an RPC", nil, clients.SubmitMethod, 405, "takes POST, with Content-Type: application/json"},
		{"GET of what is posted", nil, "/datas/number", 405, "takes POST"},
		{"POST of what is got", []string{"-d", ""}, "/events", 405, "takes GET"},
		{"a procedure misspelt", []string{"-d", "{}", "-H", "Content-Type: application/json"}, clients.SubmitMethod + "X", 404, "POST " + clients.SubmitMethod},
		{"a path misspelt", nil, "/event", 404, "GET /events"},
	} {
		arguments := append([]string{"--silent", "--write-out", "\n%{http_code}", s.URL + test.path}, test.options...)

		answer, err := exec.Command("curl", arguments...).Output()
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}

		if said := string(answer); !strings.HasSuffix(said, fmt.Sprint("\n", test.status)) || !strings.Contains(said, test.says) {
			t.Errorf("%s: got %s, want %d and %q", test.name, said, test.status, test.says)
		}
	}
}

// TestCurlOfHTTP10GetsNoChunks watches as a client of before 1997 does.
func TestCurlOfHTTP10GetsNoChunks(t *testing.T) {
	programs.NeedCommand(t, "curl")

	s := servers.StartServe(t, "--data", t.TempDir())

	// It is curl that ends it; what came until then counts.
	answer, _ := exec.Command("curl", "--http1.0", "--silent", "--include", "--max-time", "1", s.URL+"/events?all").Output()

	head, body, _ := strings.Cut(string(answer), "\r\n\r\n")
	if strings.Contains(head, "chunked") || !strings.HasPrefix(body, `{"progress":`) || strings.Count(body, "\n") != 1 {
		t.Errorf("got %q", answer)
	}
}
