package e2e

import (
	"testing"
	"time"
)

// patience is how long something may take on a busy machine before it counts as
// never.
const patience = 30 * time.Second

// eventually waits until condition returns nil.
func eventually(t *testing.T, condition func() error) {
	t.Helper()

	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()

	deadline := time.Now().Add(patience)

	for {
		err := condition()
		if err == nil {
			return
		}

		if time.Now().After(deadline) {
			t.Fatalf("after %v: %v", patience, err)
		}

		<-ticker.C
	}
}

// soon returns what comes on a channel.
func soon[T any](t *testing.T, what string, values <-chan T) T {
	t.Helper()

	select {
	case value := <-values:
		return value
	case <-time.After(patience):
		t.Fatalf("after %v: no %s", patience, what)
		panic("not reached")
	}
}
