package subscriber_test

import "testing"

// What the model test has found, each by itself.

// TestFirstProgressHasTheHeadThatWasAsked opens watches right after publishing: the
// start is asked of the stream's leader, who knows more than the log does yet.
func TestFirstProgressHasTheHeadThatWasAsked(t *testing.T) {
	h := newHouse(t)
	r := h.replica()
	for n := 1; n <= 100; n++ {
		h.publish(n)
		if p := r.watch(all()).next().progress; p.GetHead() < uint64(n) {
			t.Fatalf("%d are stored, and the first progress says that %d are", n, p.GetHead())
		}
	}
}

// TestHeadIsNotBeforeThePosition resumes where nothing is known of the stream.
func TestHeadIsNotBeforeThePosition(t *testing.T) {
	h := newHouse(t)
	h.publish(1, 2, 3)
	epoch := h.epoch()
	h.nats.Stop()
	r := h.unready()
	r.watch(after(epoch, 2)).expect("progress 2 of 2 SOURCE_DISCONNECTED")
	h.nats.Restart()
}
