package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rollcall/internal/server"
)

// takes starts a server whose /gateway/taken is handled on connections taken over.
func takes(t *testing.T, handler http.HandlerFunc) (*fixture, *http.Client) {
	t.Helper()
	role := gateway()
	role.taken = handler
	return newFixture(t, server.Config{}, role), newClient(t, "HTTP/1.1")
}

func TestWhatIsWrittenArrivesHoweverItIsCut(t *testing.T) {
	t.Parallel()
	f, client := takes(t, func(w http.ResponseWriter, r *http.Request) {
		var cuts []int // a write of so many bytes; 0 is a flush
		if err := json.NewDecoder(r.Body).Decode(&cuts); err != nil {
			panic(err)
		}
		filler := byte('a')
		for _, size := range cuts {
			if size == 0 {
				_ = http.NewResponseController(w).Flush()
				continue
			}
			part := bytes.Repeat([]byte{filler}, size)
			_, _ = w.Write(part)
			clear(part) // a writer must not keep what it was given
			filler = 'a' + (filler-'a'+1)%26
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		cuts := rapid.SliceOfN(rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 300), rapid.IntRange(4000, 4200), rapid.IntRange(8000, 200_000)), 0, 12).Draw(r, "cuts")
		var want bytes.Buffer
		filler := byte('a')
		for _, size := range cuts {
			if size > 0 {
				want.Write(bytes.Repeat([]byte{filler}, size))
				filler = 'a' + (filler-'a'+1)%26
			}
		}
		body, err := json.Marshal(cuts)
		if err != nil {
			r.Fatal(err)
		}
		response, err := client.Post(f.url("/gateway/taken"), "application/json", bytes.NewReader(body))
		if err != nil {
			r.Fatal(err)
		}
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			r.Fatalf("got %d bytes (%v), want %d", len(got), err, want.Len())
		}
	})
}

func TestTakenOverResponses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		status  int
		body    string
		header  http.Header
		trailer http.Header
	}{
		{
			name: "nothing said", handler: func(http.ResponseWriter, *http.Request) {},
			status: http.StatusOK,
		},
		{
			name: "status and header", status: http.StatusTeapot, body: "short",
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Kind", "tea\r\nX-Injected: yes")
				w.WriteHeader(http.StatusTeapot)
				w.WriteHeader(http.StatusOK) // too late
				_, _ = io.WriteString(w, "short")
			},
			header: http.Header{"X-Kind": {"tea  X-Injected: yes"}, "X-Injected": nil},
		},
		{
			name: "length said", status: http.StatusOK, body: "four",
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "4")
				_, _ = io.WriteString(w, "four")
			},
			header: http.Header{"Content-Length": {"4"}},
		},
		{
			name: "no body", status: http.StatusNoContent,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNoContent)
				if _, err := io.WriteString(w, "none"); err == nil {
					panic("a body was taken")
				}
			},
		},
		{
			name: "trailer", status: http.StatusOK, body: "x",
			handler: func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "x")
				w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
			},
			trailer: http.Header{"Grpc-Status": {"0"}},
		},
		{
			name: "the request's body", status: http.StatusOK, body: "echo: hello",
			handler: func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				_, _ = fmt.Fprintf(w, "echo: %s", body)
				if err != nil {
					panic(err)
				}
			},
		},
		{
			name: "a panic before the answer", status: http.StatusInternalServerError,
			handler: func(http.ResponseWriter, *http.Request) { panic("oh no") },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, client := takes(t, test.handler)
			response := send(t, client, request(t, http.MethodPost, f.url("/gateway/taken"), strings.NewReader("hello")))
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || (test.body != "" && string(body) != test.body) {
				t.Errorf("got %d %q (%v), want %d %q", response.StatusCode, body, err, test.status, test.body)
			}
			if !response.Close {
				t.Error("the client was not told that the connection ends")
			}
			for key, want := range test.header {
				if got := response.Header.Values(key); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s: got %q, want %q", key, got, want)
				}
			}
			for key := range test.trailer {
				if got, want := response.Trailer.Get(key), test.trailer.Get(key); got != want {
					t.Errorf("trailer %s: got %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestPanicInATakenOverStreamBreaksItOff(t *testing.T) {
	t.Parallel()
	f, client := takes(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half an ans")
		_ = http.NewResponseController(w).Flush()
		panic("oh no, late")
	})
	response := send(t, client, request(t, http.MethodGet, f.url("/gateway/taken"), nil))
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("%q was taken for the whole response", body)
	}
}

func TestTooLargeBodyIsSaidToTheHandlerOfATakenOverPath(t *testing.T) {
	t.Parallel()
	role := gateway()
	role.taken = role.size
	f := newFixture(t, server.Config{MaxRequestBytes: 10}, role)
	status, _ := ask(t, newClient(t, "HTTP/1.1"), request(t, http.MethodPost, f.url("/gateway/taken"), strings.NewReader("eleven chars")))
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", status)
	}
}

func TestClientOfHTTP10GetsTheBodyUpToTheEndOfTheConnection(t *testing.T) {
	t.Parallel()
	f, _ := takes(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "plain") })
	conn := tcp(t, f)
	_, _ = io.WriteString(conn, "GET /gateway/taken HTTP/1.0\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil || !bytes.HasSuffix(answer, []byte("\r\n\r\nplain")) || bytes.Contains(answer, []byte("chunked")) {
		t.Errorf("got %q (%v)", answer, err)
	}
}

func TestHandlerLearnsThatItsClientLeft(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	f, _ := takes(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "here")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		ended <- r.Context().Err()
	})
	conn := tcp(t, f)
	_, _ = io.WriteString(conn, "GET /gateway/taken HTTP/1.1\r\nHost: x\r\n\r\nand more that nobody asked for")
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if err := <-ended; err == nil {
		t.Error("the request's context goes on")
	}
}

func TestWriteDeadlineOfATakenOverConnection(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	f, _ := takes(t, func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
			t.Error(err)
		}
		_, err := w.Write(make([]byte, 1<<20))
		_, again := w.Write([]byte("more"))
		if again == nil {
			t.Error("a write after a failed one succeeded")
		}
		failed <- err
	})
	_, _ = io.WriteString(tcp(t, f), "GET /gateway/taken HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-failed; err == nil {
		t.Error("the write went through")
	}
}

func TestStopCutsOffTakenOverConnections(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	role := gateway()
	role.taken = func(_ http.ResponseWriter, r *http.Request) {
		role.entered <- struct{}{}
		<-r.Context().Done()
		close(ended)
	}
	f := newFixture(t, server.Config{StopTimeout: 50 * time.Millisecond}, role)
	_, _ = io.WriteString(tcp(t, f), "GET /gateway/taken HTTP/1.1\r\nHost: x\r\n\r\n")
	<-role.entered
	if err := f.stop(); err == nil || !strings.Contains(err.Error(), "1 requests were cut off") {
		t.Errorf("got %v", err)
	}
	<-ended
}

func tcp(t *testing.T, f *fixture) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
