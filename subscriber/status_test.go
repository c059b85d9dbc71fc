package subscriber_test

import (
	"context"
	"testing"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
)

// getStatus asks until what was said is as wanted.
func (r *replica) getStatus(what string, wanted func(*contactv1.GetStatusResponse) bool) *contactv1.GetStatusResponse {
	r.t.Helper()
	var status *contactv1.GetStatusResponse
	streamtest.Eventually(r.t, what, func() bool {
		var err error
		if status, err = r.status.GetStatus(context.Background(), &contactv1.GetStatusRequest{}); err != nil {
			r.t.Fatal(err)
		}
		return wanted(status)
	})
	return status
}

func TestStatusSaysHowTheStreamIs(t *testing.T) {
	f := newFixture(t, func(c *stream.Config) { c.MaxBytes = 1 << 20 })
	f.publish(1, 2, 3)
	f.delete(1)
	r := f.replica()
	w := r.watch(all())
	w.expect("progress 1 of 3 SOURCE_CONNECTED")
	status := r.getStatus("the stream is asked", func(s *contactv1.GetStatusResponse) bool { return s.GetStream().GetMessages() == 2 })
	if p := status.GetPosition(); p.GetEpoch() != f.epoch() || p.GetSequence() != 3 || status.GetSource() != contactv1.Source_SOURCE_CONNECTED {
		t.Errorf("got %v", status)
	}
	if status.GetWatches() != 1 || status.GetRingBytes() == 0 {
		t.Errorf("got %d watches, %d bytes in memory", status.GetWatches(), status.GetRingBytes())
	}
	s := status.GetStream()
	if s.GetName() != streamtest.Name || s.GetFirst() != 2 || s.GetLast() != 3 || s.GetBytes() == 0 || s.GetMaxBytes() != 1<<20 || s.GetMaxMessages() != 0 {
		t.Errorf("got %v", s)
	}
	if s.GetReplicas() != 1 || s.GetReplicasCurrent() != 1 {
		t.Errorf("got %d of %d replicas", s.GetReplicasCurrent(), s.GetReplicas())
	}
	f.publish(4)
	r.getStatus("the event is counted", func(s *contactv1.GetStatusResponse) bool {
		var sum uint32
		for _, count := range s.GetEventsPerSecond() {
			sum += count
		}
		return sum == 1
	})
}

func TestStatusWithoutAStream(t *testing.T) {
	f := newFixture(t)
	if err := f.js.DeleteStream(context.Background(), streamtest.Name); err != nil {
		t.Fatal(err)
	}
	r := f.unready()
	status := r.getStatus("it answers", func(*contactv1.GetStatusResponse) bool { return true })
	if status.GetSource() != contactv1.Source_SOURCE_DISCONNECTED || status.GetPosition() != nil || status.GetStream() != nil {
		t.Errorf("got %v", status)
	}
}
