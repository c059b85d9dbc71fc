package client

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"

	"rollcall/gen/contact/v1/contactv1connect"
)

// TestTheNetworkIsExplainedInPlainWords has servers that are none.
func TestTheNetworkIsExplainedInPlainWords(t *testing.T) {
	t.Parallel()

	hangUp := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(hangUp.Close)

	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)

	away := httptest.NewServer(nil)
	away.Close()

	address := strings.TrimPrefix(away.URL, "http://")

	for name, test := range map[string]struct {
		server   string
		protocol Protocol
		want     []string
	}{
		"nobody listens": {away.URL, ProtocolConnect, []string{address + " cannot be reached (connection refused)"}},
		"it hangs up":    {hangUp.URL, ProtocolConnect, []string{"the connection broke off"}},
		// What it answers in HTTP/1.1 and that it hangs up come in any order.
		"it has no HTTP/2": {plain.URL, ProtocolGRPC, []string{"HTTP/2 does not get through to the server (http2: ", "the connection broke off"}},
		"it has no TLS":    {"https" + strings.TrimPrefix(plain.URL, "http"), ProtocolConnect, []string{"http: server gave HTTP response to HTTPS client"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			connection, err := Connect(Options{Server: test.server, Protocol: test.protocol})
			if err != nil {
				t.Fatal(err)
			}

			t.Cleanup(connection.Close)

			submitter := &Submitter{Client: contactv1connect.NewSubmitServiceClient(connection.RPC)}

			_, err = submitter.Submit(t.Context(), ada, "key-1")
			got := Explain(err)
			if !slices.ContainsFunc(test.want, func(want string) bool { return strings.HasPrefix(got, want) }) || !OutcomeUnknown(err) {
				t.Errorf("got %q, outcome unknown: %v; want %q", got, OutcomeUnknown(err), test.want)
			}
		})
	}
}

func TestErrorsOfTheNetworkLoseWhatWrapsThem(t *testing.T) {
	t.Parallel()

	for want, err := range map[string]error{
		"the host no.such.host could not be found (no such host)": &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: "no.such.host", Err: "no such host", Server: "10.0.0.1:53"}},
		"the connection broke off":                                &net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed},
		"the proxy said no":                                       errors.New("the proxy said no"),
	} {
		wrapped := connect.NewError(connect.CodeUnavailable, "").WithCause(&url.Error{Op: "Post", URL: "http://x/contact.v1.SubmitService/SubmitPerson", Err: fmt.Errorf("%w", err)})
		if got := Explain(wrapped); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}

	if got := Explain(connect.NewError(connect.CodeDeadlineExceeded, "context deadline exceeded")); got != "no answer came in time" {
		t.Errorf("got %q of a deadline", got)
	}
}
