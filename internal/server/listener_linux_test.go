package server

import (
	"errors"
	"net"
	"testing"
)

// TestListenerClosesOnceAllAreAccepted makes connections that nobody accepts at first.
func TestListenerClosesOnceAllAreAccepted(t *testing.T) {
	t.Parallel()
	var open connections
	l, err := listen("127.0.0.1:0", &open)
	if err != nil {
		t.Fatal(err)
	}
	const made = 20
	for range made {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		l.closeGently(t.Context())
	}()
	accepted := 0
	for ; ; accepted++ {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	<-closed
	if accepted != made {
		t.Errorf("%d of %d were accepted", accepted, made)
	}
}
