package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

// TestTooLargeIsSaidByEveryProtocol sends a message of exactly as many bytes as it may
// have, then one with a byte more.
func TestTooLargeIsSaidByEveryProtocol(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{"a small limit": 1000, "one above a mebibyte": 5 << 18} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, server.Config{MaxRequestBytes: int64(limit)}, gateway(), subscriber())
			for protocol, options := range map[string][]connecthttp.Option{
				"Connect":            nil,
				"gRPC":               {connecthttp.WithGRPC()},
				"gRPC-Web":           {connecthttp.WithGRPCWeb()},
				"Connect compressed": {connecthttp.WithSendGzip()},
				"gRPC compressed":    {connecthttp.WithGRPC(), connecthttp.WithSendGzip()},
			} {
				t.Run(protocol, func(t *testing.T) {
					t.Parallel()
					compressed := strings.HasSuffix(protocol, "compressed")
					client := connect.NewClient(connecthttp.NewTransport(newClient(t, "HTTP/2.0"), f.url(""), options...))
					for procedure, call := range sizedCalls(client) {
						if info := infoOf(t, call(t, limit)); info.GetReason() == "TOO_LARGE" {
							t.Errorf("%s: %d bytes are too large: %v", procedure, limit, info)
						}
						err := call(t, limit+1)
						info := infoOf(t, err)
						size := fmt.Sprint(limit + 1)
						if compressed {
							size = ""
						}
						if connect.CodeOf(err) != connect.CodeInvalidArgument || info.GetReason() != "TOO_LARGE" ||
							info.GetMetadata()["limit"] != fmt.Sprint(limit) || info.GetMetadata()["size"] != size {
							t.Errorf("%s: got %v with %v", procedure, err, info)
						}
						contains(t, err.Error(), fmt.Sprintf("the %d bytes that it may have", limit))
						contains(t, err.Error(), size)
					}
				})
			}
		})
	}
}

// sizedCalls call each procedure that takes more than nothing, with a request of so
// many bytes.
func sizedCalls(client *connect.Client) map[string]func(t *testing.T, size int) error {
	submit, watch := contactv1connect.NewSubmitServiceClient(client), contactv1connect.NewWatchServiceClient(client)
	keyed := func(text string) *contactv1.SubmitPersonRequest {
		return &contactv1.SubmitPersonRequest{IdempotencyKey: text}
	}
	return map[string]func(t *testing.T, size int) error{
		"SubmitPerson": func(t *testing.T, size int) error {
			t.Helper()
			_, err := submit.SubmitPerson(t.Context(), sized(keyed, size))
			return err
		},
		"SubmitPersons": func(t *testing.T, size int) error {
			t.Helper()
			_, err := submit.SubmitPersons(t.Context(), sized(func(text string) *contactv1.SubmitPersonsRequest {
				return &contactv1.SubmitPersonsRequest{Submissions: []*contactv1.SubmitPersonRequest{keyed(text)}}
			}, size))
			return err
		},
		"ImportPersons": func(t *testing.T, size int) error {
			t.Helper()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stream, err := submit.ImportPersons(ctx)
			if err != nil {
				return err
			}
			defer stream.Close()
			// The second message, behind one that fits.
			request := func(text string) *contactv1.ImportPersonsRequest {
				return &contactv1.ImportPersonsRequest{Submissions: []*contactv1.SubmitPersonRequest{keyed(text)}}
			}
			_ = stream.Send(request("x"))
			_ = stream.Send(sized(request, size)) // Receive says what became of them
			_ = stream.CloseSend()
			_, err = stream.Receive()
			return err
		},
		"WatchPersons": func(t *testing.T, size int) error {
			t.Helper()
			stream, err := watch.WatchPersons(t.Context(), sized(func(text string) *contactv1.WatchPersonsRequest {
				return &contactv1.WatchPersonsRequest{Filter: text}
			}, size))
			if err != nil {
				return err
			}
			defer stream.Close()
			_, err = stream.Receive()
			return err
		},
	}
}

// sized is a message of exactly so many bytes, by a text in it.
func sized[M proto.Message](of func(text string) M, size int) M {
	message := of("")
	for length := size; proto.Size(message) != size; {
		message = of(strings.Repeat("x", length))
		length += size - proto.Size(message)
	}
	return message
}

func infoOf(t *testing.T, err error) *errdetails.ErrorInfo {
	t.Helper()
	var rpc *connect.Error
	if !errors.As(err, &rpc) {
		return nil
	}
	for _, detail := range rpc.Details() {
		message, err := connectproto.UnmarshalErrorDetail(detail)
		if err != nil {
			t.Fatal(err)
		}
		if info, ok := message.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// TestTooLargeIsSaidHoweverItIsSent has what a client's library does not do by itself.
func TestTooLargeIsSaidHoweverItIsSent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{MaxRequestBytes: 1000}, gateway())
	keyed := func(length int) string { return `{"idempotencyKey":"` + strings.Repeat("x", length) + `"}` }
	large := keyed(2 << 20)
	said := fmt.Sprintf("has %d bytes, more than the 1000", len(large))
	tests := []struct {
		name, path, body    string
		chunked, compressed bool
		status              int
		says                string
	}{
		{name: "what fits", path: submitPath, body: keyed(900), status: http.StatusOK, says: "epoch"},
		{name: "what fits, in chunks", path: submitPath, body: keyed(900), chunked: true, status: http.StatusOK, says: "epoch"},
		{name: "with its length", path: submitPath, body: large, status: http.StatusBadRequest, says: said},
		{name: "in chunks", path: submitPath, body: large, chunked: true, status: http.StatusBadRequest, says: said},
		{name: "compressed", path: submitPath, body: keyed(2000), compressed: true, status: http.StatusBadRequest, says: "decompressed, is larger than the 1000"},
		{name: "to a plain route", path: "/gateway/size", body: large, status: http.StatusRequestEntityTooLarge, says: said},
		{name: "to a plain route, in chunks", path: "/gateway/size", body: large, chunked: true, status: http.StatusRequestEntityTooLarge, says: said},
	}
	versions(t, func(t *testing.T, client *http.Client) {
		for _, test := range tests {
			body := io.Reader(strings.NewReader(test.body))
			if test.compressed {
				body = gzipped(test.body)
			}
			if test.chunked {
				body = struct{ io.Reader }{body} // no length is known of it
			}
			req := request(t, http.MethodPost, f.url(test.path), body)
			req.Header.Set("Content-Type", "application/json")
			if test.compressed {
				req.Header.Set("Content-Encoding", "gzip")
			}
			status, answer := ask(t, client, req)
			if status != test.status || !strings.Contains(answer, test.says) {
				t.Errorf("%s: got %d %s, want %d %q", test.name, status, answer, test.status, test.says)
			}
			if status != http.StatusOK && !strings.Contains(answer, `"reason":"TOO_LARGE"`) {
				t.Errorf("%s: no reason in %s", test.name, answer)
			}
		}
	})
}

func gzipped(text string) io.Reader {
	packed := new(bytes.Buffer)
	packer := gzip.NewWriter(packed)
	_, _ = io.WriteString(packer, text)
	_ = packer.Close()
	return packed
}

// TestClientThatWaitsToSendIsAnsweredWithoutIt is how curl sends what is large.
func TestClientThatWaitsToSendIsAnsweredWithoutIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{MaxRequestBytes: 1000}, gateway())
	conn := tcp(t, f)
	_, _ = io.WriteString(conn, "POST /gateway/size HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusRequestEntityTooLarge || !response.Close {
		t.Fatalf("got %v, %v", response, err)
	}
	answer, _ := io.ReadAll(response.Body)
	contains(t, string(answer), "has 1000000000 bytes, more than the 1000")
}

// TestBrokenBodyIsTheClientsMistake sends chunks that are none, and less than was
// said.
func TestBrokenBodyIsTheClientsMistake(t *testing.T) {
	t.Parallel()
	f := newFixture(t, server.Config{}, gateway())
	const begin = " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for _, path := range []string{submitPath, "/gateway/size"} {
		for name, test := range map[string]struct{ request, says string }{
			"no size of a chunk":   {"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "not in chunks"},
			"no end of a chunk":    {"Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n0\r\n\r\n", "not in chunks"},
			"an endless size":      {"Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1", 5000) + "\r\n", "not in chunks"},
			"chunks without end":   {"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "shorter than it says"},
			"less than its length": {"Content-Length: 10\r\n\r\n{}", "shorter than it says"},
		} {
			conn := tcp(t, f)
			_, _ = io.WriteString(conn, "POST "+path+begin+test.request)
			_ = conn.(*net.TCPConn).CloseWrite()
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			answer, _ := io.ReadAll(response.Body)
			if response.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), `"code":"invalid_argument"`) || !strings.Contains(string(answer), test.says) {
				t.Errorf("%s: got %d %s, want %q", name, response.StatusCode, answer, test.says)
			}
		}
	}
}
