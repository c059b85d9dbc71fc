package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"rollcall/gateway"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/person"
	"rollcall/internal/server"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// fixture is a NATS server and a gateway that publishes to it.
type fixture struct {
	t       *testing.T
	nats    *streamtest.Server
	nc      *nats.Conn
	js      jetstream.JetStream
	gateway *gateway.Gateway
	client  contactv1connect.SubmitServiceClient
	http    *http.Client
	url     string
}

// newFixture makes the stream, unless change says otherwise, and starts a gateway.
func newFixture(t *testing.T, change ...func(*stream.Config)) *fixture {
	t.Helper()
	f := newFixtureWithoutStream(t)
	cfg := streamtest.Config()
	for _, c := range change {
		c(&cfg)
	}
	streamtest.CreateStream(t, f.js, cfg)
	return f
}

func newFixtureWithoutStream(t *testing.T) *fixture {
	t.Helper()
	return newFixtureBeside(t, streamtest.Start(t))
}

// newFixtureWith is newFixture for a gateway that is set otherwise.
func newFixtureWith(t *testing.T, change func(*gateway.Config)) *fixture {
	t.Helper()
	f := newFixtureBeside(t, streamtest.Start(t), change)
	streamtest.CreateStream(t, f.js, streamtest.Config())
	return f
}

// impatient is a gateway in whose tests an acknowledgement is waited for in vain.
func impatient(c *gateway.Config) { c.Timeout = time.Second }

// newFixtureBeside starts a gateway that publishes to a server.
func newFixtureBeside(t *testing.T, beside *streamtest.Server, change ...func(*gateway.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, nats: beside}
	f.nc, f.js = f.nats.Connect()
	_, js := f.nats.Connect()
	cfg := gateway.Config{
		Subject: streamtest.Subject, Timeout: 10 * time.Second, Calls: gateway.DefaultCalls, Messages: gateway.DefaultMessages, Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	f.gateway = gateway.New(stream.Open(js, streamtest.Name), cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { f.gateway.Run(ctx) })
	mux := server.NewMux(server.Config{})
	f.gateway.Mount(mux)
	listener := httptest.NewServer(mux)
	f.http, f.url = &http.Client{Transport: &http.Transport{}}, listener.URL
	f.client = contactv1connect.NewSubmitServiceClient(connect.NewClient(connecthttp.NewTransport(f.http, listener.URL)))
	t.Cleanup(func() {
		f.http.CloseIdleConnections()
		listener.Close()
		cancel()
		running.Wait()
	})
	return f
}

// in is the fixture in a subtest.
func (f *fixture) in(t *testing.T) *fixture {
	t.Helper()
	inner := *f
	inner.t = t
	return &inner
}

func ada() *contactv1.Person {
	return &contactv1.Person{
		Name: "Ada Lovelace", Email: "ada@example.org",
		Phones:    []*contactv1.PhoneNumber{{Number: "+44 20 7946 0001", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE}},
		Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
	}
}

func (f *fixture) submit(p *contactv1.Person, key string) (*contactv1.SubmitPersonResponse, error) {
	return f.client.SubmitPerson(context.Background(), &contactv1.SubmitPersonRequest{Person: p, IdempotencyKey: key})
}

func (f *fixture) mustSubmit(p *contactv1.Person, key string) *contactv1.SubmitPersonResponse {
	f.t.Helper()
	response, err := f.submit(p, key)
	if err != nil {
		f.t.Fatalf("submit: %v", err)
	}
	return response
}

// awaitAway waits until the gateway has seen that NATS is gone.
func (f *fixture) awaitAway() {
	f.t.Helper()
	streamtest.Eventually(f.t, "the gateway sees that NATS is away", func() bool {
		err := f.gateway.Ready()
		return err != nil && err.Error() == "NATS is away"
	})
}

// info is what JetStream says of the stream.
func (f *fixture) info() *jetstream.StreamInfo {
	f.t.Helper()
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		f.t.Fatal(err)
	}
	return s.CachedInfo()
}

// stored is the payload at a sequence.
func (f *fixture) stored(sequence uint64) []byte {
	f.t.Helper()
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		f.t.Fatal(err)
	}
	msg, err := s.GetMsg(context.Background(), sequence)
	if err != nil {
		f.t.Fatalf("message %d: %v", sequence, err)
	}
	return msg.Data
}

func (f *fixture) expectStored(messages uint64) {
	f.t.Helper()
	if got := f.info().State.Msgs; got != messages {
		f.t.Errorf("the stream holds %d messages, want %d", got, messages)
	}
}

// post sends a plain request and returns the status, the header and the body.
func (f *fixture) post(path, contentType string, body []byte, header map[string]string) (status int, got http.Header, answer map[string]any) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, f.url+path, bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	return f.do(request)
}

// do sends a request and returns the status, the header and the body.
func (f *fixture) do(request *http.Request) (status int, got http.Header, answer map[string]any) {
	f.t.Helper()
	response, err := f.http.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		answer = map[string]any{"message": string(text)}
	}
	return response.StatusCode, response.Header, answer
}

func encoded(t *testing.T, p *contactv1.Person) []byte {
	t.Helper()
	payload, err := person.Encode(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// details are what an error says for programs.
type details struct {
	reason  string
	setting string // of the stream, where that is the reason
	retry   time.Duration
}

func detailsOf(t *testing.T, err error) details {
	t.Helper()
	var rpc *connect.Error
	if !errors.As(err, &rpc) {
		t.Fatalf("%v is no RPC error", err)
	}
	var d details
	for _, detail := range rpc.Details() {
		message, err := connectproto.UnmarshalErrorDetail(detail)
		if err != nil {
			t.Fatal(err)
		}
		switch m := message.(type) {
		case *errdetails.ErrorInfo:
			d.reason, d.setting = m.GetReason(), m.GetMetadata()["setting"]
		case *errdetails.RetryInfo:
			d.retry = m.GetRetryDelay().AsDuration()
		}
	}
	return d
}
