package server_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/internal/server"
)

func TestBodyIsBoundedInSize(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{MaxRequestBytes: 1000}, gateway())
	versions(t, func(t *testing.T, client *http.Client) {
		for _, test := range []struct {
			name   string
			bytes  int
			status int
			answer string
		}{
			{"none", 0, http.StatusOK, "0"},
			{"the largest", 1000, http.StatusOK, "1000"},
			{"one more", 1001, http.StatusRequestEntityTooLarge, `{"code":"invalid_argument","message":"the request has 1001 bytes, more than the 1000 bytes that it may have`},
			{"many more", 3 << 20, http.StatusRequestEntityTooLarge, `{"code":"invalid_argument","message":"the request has 3145728 bytes, more than the 1000 bytes that it may have`},
		} {
			body := strings.NewReader(strings.Repeat("x", test.bytes))
			status, answer := ask(t, client, request(t, http.MethodPost, f.url("/gateway/size"), body))
			if status != test.status || !strings.HasPrefix(answer, test.answer) {
				t.Errorf("%s: got %d %q, want %d %q", test.name, status, answer, test.status, test.answer)
			}
		}
	})
}

func TestSlowBodyIsCut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{BodyTimeout: 30 * time.Millisecond}, gateway())
	versions(t, func(t *testing.T, client *http.Client) {
		cutSlowBody(t, client, f)
	})
}

// cutSlowBody returns once a body that began after this call has been cut.
func cutSlowBody(t *testing.T, client *http.Client, f *fixture) {
	t.Helper()
	body, rest := io.Pipe()
	defer rest.Close()
	go func() { _, _ = rest.Write([]byte("x")) }()
	status, answer := ask(t, client, request(t, http.MethodPost, f.url("/gateway/size"), body))
	if status != http.StatusRequestTimeout {
		t.Errorf("got %d %q, want %d", status, answer, http.StatusRequestTimeout)
	}
}

func TestStreamOutlivesBodyTimeout(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			versions(t, func(t *testing.T, client *http.Client) {
				role := gateway()
				f := newFixture(t, server.Config{BodyTimeout: 30 * time.Millisecond}, role)
				var body io.Reader
				if method == http.MethodPost {
					body = strings.NewReader("all of it, at once")
				}
				response := send(t, client, request(t, method, f.url("/gateway/stream"), body))
				lines := bufio.NewReader(response.Body)
				readLine(t, lines, "first\n")
				// A body that began later is cut; so the stream's deadline has passed.
				cutSlowBody(t, client, f)
				role.next <- struct{}{}
				readLine(t, lines, "next\n")
				cutSlowBody(t, client, f)
				role.next <- struct{}{}
				readLine(t, lines, "next\n")
			})
		})
	}
}

func readLine(t *testing.T, lines *bufio.Reader, want string) {
	t.Helper()
	if got, err := lines.ReadString('\n'); err != nil || got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

// TestUploadsHaveNoEnd sends more than a request may have, over more time.
func TestUploadsHaveNoEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{MaxRequestBytes: 10, BodyTimeout: 20 * time.Millisecond}, gateway())
	versions(t, func(t *testing.T, client *http.Client) {
		status, answer := ask(t, client, request(t, http.MethodPost, f.url("/gateway/upload"), io.MultiReader(
			strings.NewReader(strings.Repeat("x", 1000)), pauseReader(50*time.Millisecond), strings.NewReader("end"))))
		if status != http.StatusOK || answer != "1003" {
			t.Errorf("got %d %s", status, answer)
		}
	})
}

// pauseReader gives nothing, after a time.
type pauseReader time.Duration

func (p pauseReader) Read([]byte) (int, error) {
	time.Sleep(time.Duration(p))
	return 0, io.EOF
}
