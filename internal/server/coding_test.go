package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/server"
)

func TestCodingsAreReadAsHTTPHasThem(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	const message = `{"person":{"name":"A"}}`
	framed := func(flag byte, body io.Reader) io.Reader {
		text, _ := io.ReadAll(body)
		return io.MultiReader(bytes.NewReader(binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(text)))), bytes.NewReader(text))
	}
	versions(t, func(t *testing.T, client *http.Client) {
		for _, test := range []struct {
			name, header, value string
			packed              bool
			status              int
			grpc                string
		}{
			{"gzip", "Content-Encoding", "gzip", true, http.StatusOK, ""},
			{"in capitals", "Content-Encoding", "GZIP", true, http.StatusOK, ""},
			{"by its older name", "Content-Encoding", "X-Gzip", true, http.StatusOK, ""},
			{"none, in capitals", "Content-Encoding", "Identity", false, http.StatusOK, ""},
			{"one that is not known", "Content-Encoding", "br", false, http.StatusNotImplemented, ""},
			{"gzip that is none", "Content-Encoding", "gzip", false, http.StatusBadRequest, ""},
			{"gRPC-Web, in capitals", "Grpc-Encoding", "GZIP", true, http.StatusOK, "0"},
			{"gRPC-Web, one that is not known", "Grpc-Encoding", "br", false, http.StatusOK, "12"},
		} {
			body := io.Reader(strings.NewReader(message))
			if test.packed {
				body = gzipped(message)
			}
			contentType, flag := "application/json", byte(0)
			if test.packed {
				flag = 1
			}
			if test.grpc != "" {
				contentType, body = "application/grpc-web+json", framed(flag, body)
			}
			req := request(t, http.MethodPost, f.url(submitPath), body)
			req.Header.Set("Content-Type", contentType)
			req.Header.Set(test.header, test.value)
			response := send(t, client, req)
			answer, _ := io.ReadAll(response.Body)
			grpc := response.Header.Get("Grpc-Status")
			if grpc == "" && test.grpc != "" && strings.Contains(unpacked(t, answer[5:5+binary.BigEndian.Uint32(answer[1:5])]), `"epoch"`) {
				grpc = "0" // its answer is packed as the request was, and so are its trailers
			}
			if response.StatusCode != test.status || grpc != test.grpc {
				t.Errorf("%s: got %d, grpc-status %q, %s", test.name, response.StatusCode, grpc, answer)
			}
		}
	})
}

func unpacked(t *testing.T, packed []byte) string {
	t.Helper()
	unpacker, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacker)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCodingOfTheAnswerIsOneThatIsTaken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	for accepted, want := range map[string]string{
		"gzip": "gzip", "GZIP": "gzip", "br, gzip;q=0.5": "gzip", "gzip;q=0": "", "gzip ; q=0, br": "", "br": "", "identity": "",
	} {
		req := request(t, http.MethodPost, f.url(submitPath), strings.NewReader(`{}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept-Encoding", accepted)
		if got := send(t, newClient(t, "HTTP/1.1"), req).Header.Get("Content-Encoding"); got != want {
			t.Errorf("%s: got %q, want %q", accepted, got, want)
		}
	}
}

func TestPlainRoutesTakeNoCoding(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	req := request(t, http.MethodPost, f.url("/gateway/size"), gzipped("hello"))
	req.Header.Set("Content-Encoding", "gzip")
	response := send(t, newClient(t, "HTTP/1.1"), req)
	answer, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusUnsupportedMediaType || response.Header.Get("Accept-Encoding") != "identity" || !strings.Contains(string(answer), `is \"gzip\": this path takes requests as they are`) {
		t.Errorf("got %d %v %s", response.StatusCode, response.Header, answer)
	}
}
