package stream

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func TestFullStreams(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		state  jetstream.StreamState
		config jetstream.StreamConfig
		full   bool
	}{
		{"without limits", jetstream.StreamState{Msgs: 1000, Bytes: 1 << 40}, jetstream.StreamConfig{MaxMsgs: -1, MaxBytes: -1}, false},
		{"one below max_msgs", jetstream.StreamState{Msgs: 9}, jetstream.StreamConfig{MaxMsgs: 10}, false},
		{"at max_msgs", jetstream.StreamState{Msgs: 10}, jetstream.StreamConfig{MaxMsgs: 10}, true},
		{"room for one as large as those before", jetstream.StreamState{Msgs: 2, Bytes: 2000}, jetstream.StreamConfig{MaxBytes: 3000}, false},
		{"no room for one as large as those before", jetstream.StreamState{Msgs: 2, Bytes: 2000}, jetstream.StreamConfig{MaxBytes: 2999}, true},
		{"empty, with room for a small one", jetstream.StreamState{}, jetstream.StreamConfig{MaxBytes: leastMessage}, false},
		{"empty, without room for a small one", jetstream.StreamState{}, jetstream.StreamConfig{MaxBytes: leastMessage - 1}, true},
		{"below a subject's", jetstream.StreamState{Msgs: 4}, jetstream.StreamConfig{MaxMsgsPerSubject: 5, DiscardNewPerSubject: true, Subjects: []string{"one"}}, false},
		{"at a subject's", jetstream.StreamState{Msgs: 5}, jetstream.StreamConfig{MaxMsgsPerSubject: 5, DiscardNewPerSubject: true, Subjects: []string{"one"}}, true},
		{"no limit of a subject's", jetstream.StreamState{Msgs: 5}, jetstream.StreamConfig{MaxMsgsPerSubject: -1, DiscardNewPerSubject: true, Subjects: []string{"one"}}, false},
		{"at a subject's, forgetting", jetstream.StreamState{Msgs: 5}, jetstream.StreamConfig{MaxMsgsPerSubject: 5, Subjects: []string{"one"}}, false},
		{"perhaps at a subject's", jetstream.StreamState{Msgs: 5}, jetstream.StreamConfig{MaxMsgsPerSubject: 5, DiscardNewPerSubject: true, Subjects: []string{"one", "two"}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for discard, full := range map[jetstream.DiscardPolicy]bool{jetstream.DiscardNew: test.full, jetstream.DiscardOld: false} {
				test.config.Discard = discard
				state := stateOf(&jetstream.StreamInfo{State: test.state, Config: test.config}, time.Now())
				if got := state.full(); (got != "") != full {
					t.Errorf("discard %s: it is said %q", discard, got)
				}
			}
		})
	}
}

func TestReplicasThatHaveAll(t *testing.T) {
	t.Parallel()
	for want, cluster := range map[int]*jetstream.ClusterInfo{
		1: nil,
		2: {Replicas: []*jetstream.PeerInfo{{Current: true}, {Current: true, Offline: true}, {}}},
		3: {Replicas: []*jetstream.PeerInfo{{Current: true}, {Current: true}}},
	} {
		if got := stateOf(&jetstream.StreamInfo{Cluster: cluster}, time.Now()).ReplicasCurrent; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

func TestPositionsBeforeTheFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		state State
		want  uint64
	}{
		{State{}, 0},
		{State{First: 1, Last: 5, Messages: 5}, 0},
		{State{First: 3, Last: 5, Messages: 3}, 2},
		{State{First: 6, Last: 5}, 5}, // all of it was deleted
	} {
		if got := test.state.BeforeFirst(); got != test.want {
			t.Errorf("%+v: got %d, want %d", test.state, got, test.want)
		}
	}
}
