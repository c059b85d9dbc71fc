package subscriber_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

var kills = flag.Int("kills", 0, "how often the test on a cluster kills each kind of node; 0: two kinds, once")

// clusterFixture is a cluster with a stream on all its nodes, and two subscribers.
type clusterFixture struct {
	t       *testing.T
	cluster *streamtest.Cluster
	js      jetstream.JetStream
	log     *streamtest.Log
	// tail has all in memory, behind nothing but the newest.
	tail, behind *replica
	submitted    int
}

func newClusterFixture(t *testing.T) *clusterFixture {
	t.Helper()
	f := &clusterFixture{t: t, cluster: streamtest.StartCluster(t), log: &streamtest.Log{}}
	_, f.js = f.cluster.Connect()
	streamtest.CreateStream(t, f.js, f.cluster.Config())
	for range 20 {
		f.submit()
	}
	f.tail, f.behind = f.replica(), f.replica(func(c *subscriber.Config) { c.RingBytes = 1 })
	return f
}

func (f *clusterFixture) replica(change ...func(*subscriber.Config)) *replica {
	f.t.Helper()
	_, js := f.cluster.Connect()
	cfg := config(change...)
	cfg.Logger = f.log.Logger()
	r := (&fixture{t: f.t}).replicaOf(stream.Open(js, streamtest.Name), cfg)
	streamtest.Eventually(f.t, "the subscriber is ready", func() bool { return r.sub.Ready() == nil })
	return r
}

// submit sends a person until it is stored, and returns its sequence.
func (f *clusterFixture) submit() uint64 {
	f.t.Helper()
	f.submitted++
	payload, err := person.Encode(nil, &contactv1.Person{Name: fmt.Sprintf("person %d", f.submitted), Email: "p@example.org"})
	if err != nil {
		f.t.Fatal(err)
	}
	var sequence uint64
	streamtest.Eventually(f.t, "a person is stored", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		ack, err := f.js.Publish(ctx, streamtest.Subject, payload, jetstream.WithMsgID(fmt.Sprint(f.submitted)), jetstream.WithRetryAttempts(0))
		if err == nil {
			sequence = ack.Sequence
		}
		return err == nil
	})
	return sequence
}

// reader is the node of a consumer: it reads for one of the subscribers.
func (f *clusterFixture) reader() *streamtest.Node {
	f.t.Helper()
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		f.t.Fatal(err)
	}
	consumers := s.ListConsumers(context.Background())
	var reader *streamtest.Node
	for consumer := range consumers.Info() {
		for _, node := range f.cluster.Nodes {
			if node.Name == consumer.Cluster.Leader {
				reader = node
			}
		}
	}
	if err := consumers.Err(); err != nil || reader == nil {
		f.t.Fatalf("found no node that reads: %v", err)
	}
	return reader
}

// follower is a node that leads neither the stream nor the cluster, if there is one.
func (f *clusterFixture) follower() *streamtest.Node {
	leaders := []*streamtest.Node{f.cluster.Leader(f.js), f.cluster.MetaLeader()}
	for _, node := range f.cluster.Nodes {
		if !slices.Contains(leaders, node) {
			return node
		}
	}
	return nil
}

// outage is how long the loss of a node stopped what, from then on.
type outage struct{ submits, watch, replay time.Duration }

// without loses a node and waits until all goes on.
func (f *clusterFixture) without(lose func()) outage {
	f.t.Helper()
	w := f.tail.watch(&contactv1.WatchPersonsRequest{})
	w.next()
	behind := f.behind.watch(&contactv1.WatchPersonsRequest{Start: after(streamEpoch(f), 0).Start})
	lose()
	begun := time.Now()
	stored := f.submit()
	o := outage{submits: time.Since(begun)}
	w.reaches(stored)
	o.watch = time.Since(begun)
	behind.expectCovered(0, stored, nil)
	o.replay = time.Since(begun)
	w.end()
	behind.end()
	return o
}

func streamEpoch(f *clusterFixture) string {
	f.t.Helper()
	s, err := f.js.Stream(context.Background(), streamtest.Name)
	if err != nil {
		f.t.Fatal(err)
	}
	return stream.Epoch(s.CachedInfo())
}

// reaches reads until an event, and wants nothing else but progress.
func (w *watcher) reaches(sequence uint64) {
	w.t.Helper()
	for {
		i := w.skipProgress()
		if i.Event == nil {
			w.t.Fatalf("got %s", i)
		}
		if i.Event.GetSequence() == sequence {
			return
		}
	}
}

// TestWatchesGoOnAfterANodeIsKilled kills nodes of a cluster, and wants watches to go on
// soon after submissions do: those that were open, and those that are read from the
// stream. What it measures it prints;
//
//	go test ./subscriber -run TestWatchesGoOnAfterANodeIsKilled -kills 5 -v
//
// kills nodes of every kind, and freezes them.
func TestWatchesGoOnAfterANodeIsKilled(t *testing.T) {
	f := newClusterFixture(t)
	kinds := []struct {
		name string
		node func() *streamtest.Node
	}{
		{"the stream's leader", func() *streamtest.Node { return f.cluster.Leader(f.js) }},
		{"a reader's node", f.reader},
		{"the cluster's leader", f.cluster.MetaLeader},
		{"a follower", f.follower},
	}
	if *kills == 0 {
		kinds = kinds[:2]
	}
	// Three seconds are promised; the machine may be busy.
	const bound = 6 * time.Second
	for n := range len(kinds) * min(1+*kills, 2) {
		kind, lost := kinds[n%len(kinds)], "killed"
		lose, regain := (*streamtest.Node).Kill, (*streamtest.Node).Start
		if n >= len(kinds) {
			lost, lose, regain = "frozen", (*streamtest.Node).Freeze, (*streamtest.Node).Thaw
		}
		var watch, replay, submits []time.Duration
		for range max(*kills, 1) {
			f.cluster.Settle(f.js)
			node := kind.node()
			if node == nil {
				continue // one leads both
			}
			o := f.without(func() { lose(node) })
			regain(node)
			submits, watch, replay = append(submits, o.submits), append(watch, o.watch-o.submits), append(replay, o.replay-o.submits)
			if o.watch-o.submits > bound || o.replay-o.submits > bound {
				t.Errorf("%s, %s, %s: submissions went on after %s, a watch after %s, one from the stream after %s\n%s", kind.name, node.Name, lost, o.submits, o.watch, o.replay, f.log)
			}
		}
		t.Logf("%s is %s: submissions go on after %s, watches %s later, those from the stream %s later", kind.name, lost, spread(submits), spread(watch), spread(replay))
	}
	t.Logf("logged:\n%s", f.log)
}

// spread is the median and the most.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "-"
	}
	slices.Sort(all)
	return fmt.Sprintf("%s (at most %s)", all[len(all)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond))
}
