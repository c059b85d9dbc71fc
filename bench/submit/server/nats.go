package server

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/bench/measure"
	"rollcall/bench/payload"
	"rollcall/bench/rollcall"
	"rollcall/bench/submit/load"
)

const (
	// rawWindow is how many messages may be on their way.
	rawWindow = 4000
	// rawStall is how long one may wait for room.
	rawStall = 10 * time.Second
)

// natsAlone is JetStream with a publisher beside it, in its process: what rollcall
// stores, under the same ids, and nothing of what is around it.
type natsAlone struct {
	*rollcall.JetStream

	js    jetstream.JetStream
	mould *payload.Mould

	stopping  chan struct{}
	publisher sync.WaitGroup
	published atomic.Int64

	mu     sync.Mutex
	failed int64
	cause  string
}

func startNATS() (System, error) {
	store, err := rollcall.StartJetStream()
	if err != nil {
		return nil, err
	}
	n := &natsAlone{JetStream: store, stopping: make(chan struct{})}
	if err := n.prepare(); err != nil {
		store.Close()
		return nil, err
	}
	return n, nil
}

func (n *natsAlone) prepare() (err error) {
	if n.mould, err = payload.NewMould(); err != nil {
		return err
	}
	n.js, err = jetstream.New(n.NC, jetstream.WithPublishAsyncMaxPending(rawWindow),
		jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, _ *nats.Msg, err error) { n.fail(err) }))
	if err != nil {
		return fmt.Errorf("use JetStream: %w", err)
	}
	return nil
}

// Address is none: nobody else talks to it.
func (n *natsAlone) Address() string { return "" }

// start begins to publish, as fast as it goes.
func (n *natsAlone) start() { n.publisher.Go(n.publish) }

func (n *natsAlone) publish() {
	event := payload.New()
	for sequence := uint64(1); ; sequence++ {
		select {
		case <-n.stopping:
			return
		default:
		}
		payload.Stamp(event, sequence, time.Now().UnixNano())
		n.published.Add(1) // before the acknowledgement that takes it into account
		_, err := n.js.PublishMsgAsync(&nats.Msg{
			Subject: rollcall.Subject, Data: n.mould.Cast(event),
			Header: nats.Header{
				jetstream.ExpectedStreamHeader: {rollcall.StreamName},
				jetstream.MsgIDHeader:          {string(event[:payload.StampSize])},
			},
		}, jetstream.WithStallWait(rawStall))
		if err != nil {
			n.fail(err)
			return
		}
	}
}

func (n *natsAlone) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failed++
	n.cause = err.Error()
}

// counts are of what JetStream has acknowledged.
func (n *natsAlone) counts() load.Counts {
	n.mu.Lock()
	defer n.mu.Unlock()
	return load.Counts{OK: n.published.Load() - int64(n.js.PublishAsyncPending()) - n.failed}
}

// finish stops publishing and waits for what is on its way.
func (n *natsAlone) finish(patience time.Duration) load.Result {
	close(n.stopping)
	n.publisher.Wait()
	select {
	case <-n.js.PublishAsyncComplete():
	case <-time.After(patience):
	}
	counts := n.counts()
	n.mu.Lock()
	defer n.mu.Unlock()
	none := measure.NewHistogram()
	return load.Result{Counts: counts, Failed: n.failed, Cause: n.cause, Accepted: none, Refusals: none, Late: none, Events: none}
}
