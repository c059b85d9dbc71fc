package streamtest

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The API's subjects, without what stands before and after them.
const (
	StreamInfo     = "STREAM.INFO"
	MessageGet     = "STREAM.MSG.GET"
	ConsumerCreate = "CONSUMER.CREATE"
	ConsumerDelete = "CONSUMER.DELETE"
	ConsumerNext   = "CONSUMER.MSG.NEXT"
)

const (
	relayed    = "RELAYED.API."
	jetStreams = "$JS.API."
)

// pullExpiry is how long a request for messages lasts.
const pullExpiry = 200 * time.Millisecond

// Relay stands between a client and JetStream's API. It can keep questions from
// being asked and change answers, as a cluster in trouble does.
type Relay struct {
	tb testing.TB
	nc *nats.Conn

	mu      sync.Mutex
	asked   map[string]int // how often, by kind
	kept    map[string]bool
	changed func(*jetstream.StreamInfo)
}

// StartRelay starts a relay over a connection to the client's server.
func StartRelay(tb testing.TB, nc *nats.Conn) *Relay {
	tb.Helper()
	r := &Relay{tb: tb, nc: nc, kept: make(map[string]bool), asked: make(map[string]int)}
	subscription, err := nc.Subscribe(relayed+">", r.pass)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = subscription.Unsubscribe() })
	if err := nc.Flush(); err != nil {
		tb.Fatal(err)
	}
	return r
}

// JetStream asks through the relay.
func (r *Relay) JetStream(nc *nats.Conn) jetstream.JetStream {
	r.tb.Helper()
	js, err := jetstream.NewWithAPIPrefix(nc, strings.TrimSuffix(relayed, "."))
	if err != nil {
		r.tb.Fatal(err)
	}
	return js
}

// Keep lets no more questions of these kinds through: they are not answered.
func (r *Relay) Keep(kinds ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, kind := range kinds {
		r.kept[kind] = true
	}
}

// Pass lets all questions through again.
func (r *Relay) Pass() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.kept)
}

// Settle waits until readers hear nothing more whose requests are kept.
func (r *Relay) Settle() { time.Sleep(2 * pullExpiry) }

// Asked waits until a kind of question was asked so many times more, let through or not.
func (r *Relay) Asked(kind string, more int) {
	r.tb.Helper()
	count := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.asked[kind]
	}
	before := count()
	Eventually(r.tb, kind+" is asked again", func() bool { return count() >= before+more })
}

// Change changes what is said of streams from now on; nil for nothing.
func (r *Relay) Change(change func(*jetstream.StreamInfo)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = change
}

func (r *Relay) pass(m *nats.Msg) {
	question := strings.TrimPrefix(m.Subject, relayed)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, kind := range []string{StreamInfo, MessageGet, ConsumerCreate, ConsumerDelete, ConsumerNext} {
		if strings.HasPrefix(question, kind) {
			r.asked[kind]++
		}
	}
	for kind := range r.kept {
		if strings.HasPrefix(question, kind) {
			return
		}
	}
	if r.changed != nil && strings.HasPrefix(question, StreamInfo) {
		r.answer(m, question, r.changed)
		return
	}
	data := m.Data
	if strings.HasPrefix(question, ConsumerNext) {
		data = r.shortened(m.Data)
	}
	_ = r.nc.PublishMsg(&nats.Msg{Subject: jetStreams + question, Reply: m.Reply, Header: m.Header, Data: data})
}

// shortened is a request for messages that JetStream forgets soon, so that a reader
// goes silent when its next ones are kept.
func (r *Relay) shortened(request []byte) []byte {
	var pull map[string]any
	if json.Unmarshal(request, &pull) != nil {
		return request
	}
	pull["expires"] = pullExpiry
	delete(pull, "idle_heartbeat")
	data, err := json.Marshal(pull)
	if err != nil {
		return request
	}
	return data
}

// answer asks JetStream and passes on what it says, changed.
func (r *Relay) answer(m *nats.Msg, question string, change func(*jetstream.StreamInfo)) {
	reply, err := r.nc.Request(jetStreams+question, m.Data, time.Second)
	if err != nil {
		return
	}
	var answer struct {
		Type  string              `json:"type"`
		Error *jetstream.APIError `json:"error,omitempty"`
		*jetstream.StreamInfo
	}
	if json.Unmarshal(reply.Data, &answer) != nil {
		return
	}
	if answer.StreamInfo != nil {
		change(answer.StreamInfo)
	}
	data, err := json.Marshal(answer)
	if err != nil {
		return
	}
	_ = m.Respond(data)
}
