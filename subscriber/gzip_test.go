package subscriber_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/server"
)

// TestGzipOverEveryProtocol watches the same events with all clients that Connect
// has, each without gzip and with it.
func TestGzipOverEveryProtocol(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	f.publish(numbers(1, 500)...)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	mux := server.NewMux(server.Config{})
	r.sub.Mount(mux)
	listener := httptest.NewUnstartedServer(mux)
	listener.Config.Protocols = protocols
	listener.Start()
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	t.Cleanup(func() {
		r.sub.Stop(context.Background())
		client.CloseIdleConnections()
		listener.Close()
	})
	watchBy := func(name string, options ...connecthttp.Option) {
		over := &replica{t: t, sub: r.sub, client: contactv1connect.NewWatchServiceClient(
			connect.NewClient(connecthttp.NewTransport(client, listener.URL, options...)))}
		w := over.watch(all())
		w.expectCovered(0, 500, nil)
		w.end()
		t.Log(name)
	}
	for _, gzip := range []bool{false, true} {
		var none []connecthttp.Option
		if !gzip {
			none = append(none, connecthttp.WithCompressors())
		}
		watchBy("Connect", none...)
		watchBy("Connect in JSON", append(none, connecthttp.WithProtoJSON())...)
		watchBy("gRPC", append(none, connecthttp.WithGRPC())...)
		watchBy("gRPC in JSON", append(none, connecthttp.WithGRPC(), connecthttp.WithProtoJSON())...)
		watchBy("gRPC-Web", append(none, connecthttp.WithGRPCWeb())...)
		want := int64(0)
		if gzip {
			want = 2 // in binary and in JSON, once for all
		}
		if packed := r.sub.Packed(); packed != want {
			t.Errorf("gzip %v: compressed %d times, want %d", gzip, packed, want)
		}
	}
}

// TestGzipIsAsAgreed asks as clients do, and looks at what is said and sent.
func TestGzipIsAsAgreed(t *testing.T) {
	f := newFixture(t)
	r := f.replica()
	f.publish(numbers(1, 100)...)
	for _, test := range []struct {
		name, contentType, header, accepted string
		gzip                                bool
	}{
		{"Connect", "application/connect+json", "Connect-Accept-Encoding", "gzip", true},
		{"several", "application/connect+json", "Connect-Accept-Encoding", "br, gzip", true},
		{"none", "application/connect+json", "Connect-Accept-Encoding", "", false},
		{"identity", "application/connect+json", "Connect-Accept-Encoding", "identity", false},
		{"unknown", "application/connect+json", "Connect-Accept-Encoding", "zstd", false},
		{"the header of unary calls", "application/connect+json", "Accept-Encoding", "gzip", false},
		{"gRPC-Web", "application/grpc-web+json", "Grpc-Accept-Encoding", "gzip", true},
		{"gRPC-Web without", "application/grpc-web+json", "Grpc-Accept-Encoding", "", false},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+contactv1connect.WatchServiceWatchPersonsProcedure, strings.NewReader(string(enveloped(`{"all":{}}`))))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", test.contentType)
		request.Header.Set(test.header, test.accepted)
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		plain, compressed := envelopeFlags(t, response.Body, 2)
		if compressed != test.gzip || !plain {
			t.Errorf("%s: plain progress %v, compressed events %v; want %v", test.name, plain, compressed, test.gzip)
		}
		cancel()
		_ = response.Body.Close()
	}
}

// envelopeFlags reads n messages and says whether the first is plain and the last
// compressed.
func envelopeFlags(t *testing.T, body io.Reader, n int) (plain, compressed bool) {
	t.Helper()
	for i := range n {
		head := make([]byte, 5)
		if _, err := io.ReadFull(body, head); err != nil {
			t.Fatal(err)
		}
		size := int(head[1])<<24 | int(head[2])<<16 | int(head[3])<<8 | int(head[4])
		message := make([]byte, size)
		if _, err := io.ReadFull(body, message); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			plain = head[0] == 0
		}
		compressed = head[0] == 1 && message[0] == 0x1f && message[1] == 0x8b
	}
	return plain, compressed
}
