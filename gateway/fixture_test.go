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
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// house is a NATS server and a gateway that publishes to it.
type house struct {
	t       *testing.T
	nats    *streamtest.Server
	nc      *nats.Conn
	js      jetstream.JetStream
	gateway *gateway.Gateway
	client  contactv1connect.SubmitServiceClient
	http    *http.Client
	url     string
}

// newHouse makes the stream, unless change says otherwise, and starts a gateway.
func newHouse(t *testing.T, change ...func(*stream.Config)) *house {
	t.Helper()
	h := newHouseWithoutStream(t)
	cfg := streamtest.Config()
	for _, c := range change {
		c(&cfg)
	}
	streamtest.CreateStream(t, h.js, cfg)
	return h
}

func newHouseWithoutStream(t *testing.T) *house {
	t.Helper()
	return newHouseBeside(t, streamtest.Start(t))
}

// newHouseWith is newHouse for a gateway that is set otherwise.
func newHouseWith(t *testing.T, change func(*gateway.Config)) *house {
	t.Helper()
	h := newHouseBeside(t, streamtest.Start(t), change)
	streamtest.CreateStream(t, h.js, streamtest.Config())
	return h
}

// newHouseBeside starts a gateway that publishes to a server.
func newHouseBeside(t *testing.T, server *streamtest.Server, change ...func(*gateway.Config)) *house {
	t.Helper()
	h := &house{t: t, nats: server}
	h.nc, h.js = h.nats.Connect()
	_, js := h.nats.Connect()
	cfg := gateway.Config{
		Subject: streamtest.Subject, Timeout: time.Second, Calls: gateway.DefaultCalls, Messages: gateway.DefaultMessages, Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	h.gateway = gateway.New(stream.Open(js, streamtest.Name), cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.gateway.Run(ctx) })
	mux := http.NewServeMux()
	h.gateway.Mount(mux)
	listener := httptest.NewServer(mux)
	h.http, h.url = &http.Client{Transport: &http.Transport{}}, listener.URL
	h.client = contactv1connect.NewSubmitServiceClient(connect.NewClient(connecthttp.NewTransport(h.http, listener.URL)))
	t.Cleanup(func() {
		h.http.CloseIdleConnections()
		listener.Close()
		cancel()
		running.Wait()
	})
	return h
}

func ada() *contactv1.Person {
	return &contactv1.Person{
		Name: "Ada Lovelace", Email: "ada@example.org",
		Phones:    []*contactv1.PhoneNumber{{Number: "+44 20 7946 0001", Type: contactv1.PhoneType_PHONE_TYPE_MOBILE}},
		Birthdate: &contactv1.Date{Year: 1815, Month: 12, Day: 10},
	}
}

func (h *house) submit(p *contactv1.Person, key string) (*contactv1.SubmitPersonResponse, error) {
	return h.client.SubmitPerson(context.Background(), &contactv1.SubmitPersonRequest{Person: p, IdempotencyKey: key})
}

func (h *house) mustSubmit(p *contactv1.Person, key string) *contactv1.SubmitPersonResponse {
	h.t.Helper()
	response, err := h.submit(p, key)
	if err != nil {
		h.t.Fatalf("submit: %v", err)
	}
	return response
}

// awaitAway waits until the gateway has seen that NATS is gone.
func (h *house) awaitAway() {
	h.t.Helper()
	streamtest.Eventually(h.t, "the gateway sees that NATS is away", func() bool {
		err := h.gateway.Ready()
		return err != nil && err.Error() == "NATS is away"
	})
}

// info is what JetStream says of the stream.
func (h *house) info() *jetstream.StreamInfo {
	h.t.Helper()
	s, err := h.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		h.t.Fatal(err)
	}
	return s.CachedInfo()
}

// stored is the payload at a sequence.
func (h *house) stored(sequence uint64) []byte {
	h.t.Helper()
	s, err := h.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		h.t.Fatal(err)
	}
	msg, err := s.GetMsg(context.Background(), sequence)
	if err != nil {
		h.t.Fatalf("message %d: %v", sequence, err)
	}
	return msg.Data
}

func (h *house) expectStored(messages uint64) {
	h.t.Helper()
	if got := h.info().State.Msgs; got != messages {
		h.t.Errorf("the stream holds %d messages, want %d", got, messages)
	}
}

// post sends a plain request and returns the status, the header and the body.
func (h *house) post(path, contentType string, body []byte, header map[string]string) (status int, got http.Header, answer map[string]any) {
	h.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, h.url+path, bytes.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := h.http.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
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
	reason string
	retry  time.Duration
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
			d.reason = m.GetReason()
		case *errdetails.RetryInfo:
			d.retry = m.GetRetryDelay().AsDuration()
		}
	}
	return d
}
