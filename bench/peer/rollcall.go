package peer

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"rollcall/bench/payload"
	system "rollcall/bench/rollcall"
)

// stallWait is how long the publisher waits for room; NATS's own 200 ms would
// end a run at the first pause.
const stallWait = 10 * time.Second

// rollcall is the whole of it. Only the publisher is beside it rather than a client
// of the gateway.
type rollcall struct {
	*system.Rollcall

	mould *payload.Mould
}

func startRollcall() (Peer, error) {
	mould, err := payload.NewMould()
	if err != nil {
		return nil, err
	}
	started, err := system.Start()
	if err != nil {
		return nil, err
	}
	return &rollcall{Rollcall: started, mould: mould}, nil
}

// Publish stores a person in the stream. JetStream acknowledges each; thousands
// may be on their way.
func (r *rollcall) Publish(event []byte) error {
	if _, err := r.JS.PublishAsync(system.Subject, r.mould.Cast(event), jetstream.WithStallWait(stallWait)); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}
