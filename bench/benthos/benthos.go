package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	_ "github.com/redpanda-data/benthos/v4/public/components/io" // http_server
	"github.com/redpanda-data/benthos/v4/public/service"

	"rollcall/bench/listen"
	"rollcall/bench/rollcall"
	"rollcall/gen/contact/v1/contactv1connect"
)

const (
	// benthosInFlight is how many messages may be under way: more than are sent at a time.
	benthosInFlight = 1024
	benthosOutput   = "jetstream"
	benthosPatience = 30 * time.Second
)

var errBenthosSilent = errors.New("Benthos takes no submissions") //nolint:staticcheck // a name

// benthos is the engine of Redpanda Connect, as one configures it: what is posted to
// its http_server goes to JetStream as it came, and the answer comes after the
// acknowledgement. Nothing is validated. The output is ours: Redpanda Connect's is not
// in the engine's module.
type benthos struct {
	*listen.Site
	*rollcall.JetStream

	stream  *service.Stream
	running sync.WaitGroup
}

func start() (*benthos, error) {
	store, err := rollcall.StartJetStream()
	if err != nil {
		return nil, err
	}
	b := &benthos{JetStream: store}
	if err := b.start(); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *benthos) start() (err error) {
	submissions := make(endpoint, 1)
	if b.stream, err = b.build(submissions); err != nil {
		return err
	}
	ended := make(chan error, 1)
	b.running.Go(func() { ended <- b.stream.Run(context.Background()) })
	mux := http.NewServeMux()
	select {
	case handler := <-submissions:
		mux.HandleFunc("POST "+contactv1connect.SubmitServiceSubmitPersonProcedure, handler)
	case err := <-ended:
		return fmt.Errorf("run Benthos: %w", err)
	case <-time.After(benthosPatience):
		return errBenthosSilent
	}
	b.Site, err = listen.HTTP(mux)
	return err
}

// build configures it.
func (b *benthos) build(submissions endpoint) (*service.Stream, error) {
	environment := service.NewEnvironment()
	err := environment.RegisterOutput(benthosOutput, service.NewConfigSpec(), func(*service.ParsedConfig, *service.Resources) (service.Output, int, error) {
		return jetStreamOutput{b.JetStream}, benthosInFlight, nil
	})
	if err != nil {
		return nil, fmt.Errorf("add an output to Benthos: %w", err)
	}
	builder := environment.NewStreamBuilder()
	builder.SetLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	builder.SetHTTPMux(submissions)
	if err := builder.AddInputYAML("http_server:\n  path: " + contactv1connect.SubmitServiceSubmitPersonProcedure); err != nil {
		return nil, fmt.Errorf("add an input to Benthos: %w", err)
	}
	if err := builder.AddOutputYAML(benthosOutput + ": {}"); err != nil {
		return nil, fmt.Errorf("add an output to Benthos: %w", err)
	}
	stream, err := builder.Build()
	if err != nil {
		return nil, fmt.Errorf("set up Benthos: %w", err)
	}
	return stream, nil
}

// Close ends both.
func (b *benthos) Close() {
	if b.Site != nil {
		b.Site.Close()
	}
	if b.stream != nil {
		_ = b.stream.StopWithin(benthosPatience) // what it may still do, nobody hears of
		b.running.Wait()
	}
	b.JetStream.Close()
}

// endpoint is given the handler of submissions while Benthos starts. What Benthos says
// there when it stops, nobody asks for.
type endpoint chan http.HandlerFunc

// HandleFunc is called by Benthos.
func (e endpoint) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	if pattern != contactv1connect.SubmitServiceSubmitPersonProcedure {
		return // its figures
	}
	select {
	case e <- handler:
	default:
	}
}

// jetStreamOutput publishes and waits.
type jetStreamOutput struct{ store *rollcall.JetStream }

// Connect implements [service.Output].
func (jetStreamOutput) Connect(context.Context) error { return nil }

// Write implements [service.Output]. The answer is given its sequence.
func (o jetStreamOutput) Write(ctx context.Context, message *service.Message) error {
	person, err := message.AsBytes()
	if err != nil {
		return fmt.Errorf("read the person: %w", err)
	}
	ack, err := o.store.JS.Publish(ctx, rollcall.Subject, person)
	if err != nil {
		return fmt.Errorf("publish the person: %w", err)
	}
	answer := message.Copy()
	answer.SetBytes(fmt.Appendf(nil, `{"sequence":%q}`, strconv.FormatUint(ack.Sequence, 10)))
	if err := answer.AddSyncResponse(); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// Close implements [service.Output].
func (jetStreamOutput) Close(context.Context) error { return nil }
