package gateway

import (
	"log/slog"
	"testing"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// TestAcknowledgementOfAStreamThatIsGone has a submission acknowledged by a stream that
// was made anew before the answer: it is an OK only for the person who is there now.
func TestAcknowledgementOfAStreamThatIsGone(t *testing.T) {
	_, js := streamtest.Start(t).Connect()
	streamtest.CreateStream(t, js, streamtest.Config())
	g := New(stream.Open(js, streamtest.Name), Config{
		Subject: streamtest.Subject, Timeout: time.Second, Calls: 1, Messages: 1, Logger: slog.New(slog.DiscardHandler),
	})
	stored := &contactv1.Person{Name: "Ada Lovelace", Email: "ada@example.org"}
	payload, err := person.Encode(nil, stored)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), streamtest.Subject, payload); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		person   *contactv1.Person
		sequence uint64
		code     connect.Code
	}{
		{"the person who is there", stored, 1, 0},
		{"another is there", &contactv1.Person{Name: "Grace Hopper", Email: "grace@example.org"}, 1, connect.CodeUnavailable},
		{"nobody is there", stored, 2, connect.CodeUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, err := g.settle(t.Context(), attempt{
				request: &contactv1.SubmitPersonRequest{Person: test.person},
				stored:  stream.Ack{Sequence: test.sequence}, // and nothing known of the stream before
			})
			if test.code == 0 && (err != nil || response.GetSequence() != 1) || test.code != 0 && connect.CodeOf(err) != test.code {
				t.Errorf("got %v, %v", response, err)
			}
		})
	}
}
