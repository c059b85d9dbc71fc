// Package wait waits for conditions, so that no test has to sleep for luck.
package wait

import (
	"testing"
	"time"
)

// Patience is how long something may take on a busy machine before it counts as
// never. It costs nothing where all is well.
const Patience = 2 * time.Minute

// For waits until condition returns nil.
func For(t *testing.T, condition func() error) {
	t.Helper()

	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()

	deadline := time.Now().Add(Patience)

	for {
		err := condition()
		if err == nil {
			return
		}

		if time.Now().After(deadline) {
			t.Fatalf("after %v: %v", Patience, err)
		}

		<-ticker.C
	}
}

// Soon returns what comes on a channel.
func Soon[T any](t *testing.T, what string, values <-chan T) T {
	t.Helper()

	select {
	case value := <-values:
		return value
	case <-time.After(Patience):
		t.Fatalf("after %v: no %s", Patience, what)
		panic("not reached")
	}
}
