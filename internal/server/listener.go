package server

import (
	"context"
	"net"
	"time"
)

// handshakeTime is how long a connection takes to be made that has been begun, if a
// tenth of the stop's time is not less.
const handshakeTime = 100 * time.Millisecond

// listener accepts connections, and closes without losing one.
type listener struct {
	*net.TCPListener

	connections *connections
}

func listen(address string, connections *connections) (*listener, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false) // whose listeners can't be closed gently
	made, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	return &listener{made.(*net.TCPListener), connections}, nil //nolint:errcheck // "tcp" makes no other
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	tcp, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return l.connections.add(tcp), nil
}

// closeGently closes it once all connections are accepted that were made. A client has
// its connection, and may have sent its request, before the kernel's queue of it is
// looked at; what is in the queue when the listener is closed is reset.
func (l *listener) closeGently(ctx context.Context) {
	defer func() { _ = l.Close() }() // it may be closed
	if !l.refuseNew() {
		return
	}
	bound := handshakeTime
	if deadline, ok := ctx.Deadline(); ok {
		bound = min(bound, time.Until(deadline)/10)
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	for l.waiting() > 0 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
}
