package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/server"
)

const submitPath = "/contact.v1.SubmitService/SubmitPerson"

func TestMisroutedRequestsAreToldWhereToGo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway(), subscriber())
	const watchPath = "/contact.v1.WatchService/WatchPersons"
	tests := []struct {
		name, method, path, contentType string
		status                          int
		header, is                      string // of the answer
		code                            string
		says                            []string
	}{
		{
			name: "curl's own content type", method: http.MethodPost, path: submitPath, contentType: "application/x-www-form-urlencoded",
			status: http.StatusUnsupportedMediaType, header: "Accept-Post", is: "application/json, application/proto, ", code: "invalid_argument",
			says: []string{`is "application/x-www-form-urlencoded"`, "must be application/json", "-H 'Content-Type: application/json'"},
		},
		{
			name: "no content type", method: http.MethodPost, path: submitPath,
			status: http.StatusUnsupportedMediaType, code: "invalid_argument", says: []string{"is not given", "must be application/json"},
		},
		{
			name: "another charset", method: http.MethodPost, path: submitPath, contentType: "application/json; charset=latin1",
			status: http.StatusUnsupportedMediaType, code: "invalid_argument", says: []string{`is "application/json; charset=latin1"`},
		},
		{
			name: "plain JSON to a stream", method: http.MethodPost, path: watchPath, contentType: "application/json",
			status: http.StatusUnsupportedMediaType, code: "invalid_argument", says: []string{"application/connect+json", "five bytes", "there is /gateway/stream"},
		},
		{
			name: "another method", method: http.MethodGet, path: submitPath,
			status: http.StatusMethodNotAllowed, header: "Allow", is: "POST", code: "unimplemented", says: []string{`"GET"`, "takes POST, with Content-Type: application/json"},
		},
		{
			name: "another method for health", method: http.MethodGet, path: "/grpc.health.v1.Health/Check",
			status: http.StatusMethodNotAllowed, header: "Allow", is: "POST", code: "unimplemented", says: []string{"takes POST"},
		},
		{
			name: "another method for a plain route", method: http.MethodPut, path: "/gateway/size",
			status: http.StatusMethodNotAllowed, header: "Allow", is: "POST", code: "unimplemented", says: []string{`"PUT": this path takes POST`},
		},
		{
			name: "another method where there is GET", method: http.MethodDelete, path: "/livez",
			status: http.StatusMethodNotAllowed, header: "Allow", is: "GET, HEAD", code: "unimplemented", says: []string{"takes GET, HEAD"},
		},
		{
			name: "a procedure that is none", method: http.MethodPost, path: "/contact.v1.SubmitService/Submit", contentType: "application/json",
			status: http.StatusNotFound, code: "unimplemented", says: []string{`"/contact.v1.SubmitService/Submit": there is no such path here`, "POST " + submitPath},
		},
		{
			name: "a service that is none", method: http.MethodPost, path: "/contact.v2.SubmitService/SubmitPerson", contentType: "application/json",
			status: http.StatusNotFound, code: "unimplemented", says: []string{"POST " + submitPath, "POST " + watchPath, "POST /gateway/size"},
		},
		{
			name: "a path that is none", method: http.MethodGet, path: "/gateway/sizes",
			status: http.StatusNotFound, code: "unimplemented", says: []string{`"/gateway/sizes"`, "POST /gateway/size"},
		},
	}
	versions(t, func(t *testing.T, client *http.Client) {
		for _, test := range tests {
			req := request(t, test.method, f.url(test.path), strings.NewReader("{}"))
			if test.contentType != "" {
				req.Header.Set("Content-Type", test.contentType)
			}
			response := send(t, client, req)
			var answer struct {
				Code    string `json:"code"`
				Message string `json:"message"`
			}
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			if response.StatusCode != test.status || answer.Code != test.code || response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: got %d %+v, want %d %s", test.name, response.StatusCode, answer, test.status, test.code)
			}
			for _, part := range test.says {
				contains(t, answer.Message, part)
			}
			if got := response.Header.Get(test.header); !strings.HasPrefix(got, test.is) {
				t.Errorf("%s: %s is %q", test.name, test.header, got)
			}
		}
	})
}

func TestTimeoutThatIsNoneIsToldSo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	for timeout, want := range map[string]int{"5000": http.StatusOK, "soon": http.StatusBadRequest, "-1": http.StatusBadRequest, "12345678901": http.StatusBadRequest} {
		req := request(t, http.MethodPost, f.url(submitPath), strings.NewReader("{}"))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Connect-Timeout-Ms", timeout)
		got, answer := ask(t, newClient(t, "HTTP/1.1"), req)
		if got != want || (got != http.StatusOK && !strings.Contains(answer, `Connect-Timeout-Ms: is \"`+timeout+`\"`)) {
			t.Errorf("%s: got %d %s", timeout, got, answer)
		}
	}
}

// TestMisroutedGRPCIsAnsweredInItsOwnWay asks where there is nothing, and in a codec
// that there is not.
func TestMisroutedGRPCIsAnsweredInItsOwnWay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	conn := dial(t, f)
	for _, procedure := range []string{"/contact.v1.SubmitService/Submit", "/none.at.All/Nothing"} {
		err := conn.Invoke(t.Context(), procedure, &contactv1.SubmitPersonRequest{}, &contactv1.SubmitPersonResponse{})
		if status.Code(err) != codes.Unimplemented || !strings.Contains(err.Error(), submitPath) {
			t.Errorf("%s: got %v", procedure, err)
		}
	}
	versions(t, func(t *testing.T, client *http.Client) {
		for contentType, want := range map[string]string{"application/grpc+thrift": "3", "application/grpc-web+thrift": "3"} {
			req := request(t, http.MethodPost, f.url(submitPath), strings.NewReader(""))
			req.Header.Set("Content-Type", contentType)
			response := send(t, client, req)
			_, _ = io.Copy(io.Discard, response.Body) // the trailers come after it
			got := response.Trailer.Get("Grpc-Status") + response.Header.Get("Grpc-Status")
			if response.StatusCode != http.StatusOK || got != want {
				t.Errorf("%s: got %d, grpc-status %q", contentType, response.StatusCode, got)
			}
		}
	})
}

func TestUploadOverHTTP11IsToldWhatItNeeds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	req := request(t, http.MethodPost, f.url("/contact.v1.SubmitService/ImportPersons"), strings.NewReader(""))
	req.Header.Set("Content-Type", "application/grpc-web+json")
	response := send(t, newClient(t, "HTTP/1.1"), req)
	if got := response.Header.Get("Grpc-Status"); got != "12" || !strings.Contains(response.Header.Get("Grpc-Message"), "HTTP/2") || !response.Close {
		t.Errorf("got %v, closing %v", response.Header, response.Close)
	}
}
