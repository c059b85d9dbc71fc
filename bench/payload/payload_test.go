package payload

import (
	"testing"
	"time"
)

func TestStampIsReadBack(t *testing.T) {
	t.Parallel()
	event, now := New(), time.Now().UnixNano()
	Stamp(event, 42, now)
	sequence, ok := Sequence(event)
	if !ok || sequence != 42 {
		t.Errorf("sequence: got %d, %t", sequence, ok)
	}
	published, ok := Published(event)
	if !ok || published != now {
		t.Errorf("published: got %d, %t, want %d", published, ok, now)
	}
	if _, ok := Sequence(event[:StampSize-1]); ok {
		t.Error("half a stamp was read")
	}
	if _, ok := Published(New()); ok {
		t.Error("a stamp was read that is none")
	}
}
