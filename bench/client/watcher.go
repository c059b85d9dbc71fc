package client

import (
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"

	"rollcall/bench/wire"
)

// stalledWindow is the receive buffer of a watcher that reads nothing: small, so
// that the server soon has to wait for it.
const stalledWindow = 4 << 10

// watcher is one connection.
type watcher struct {
	tally

	socket int
	reader wire.Reader
	ready  bool
	ended  error
}

// dial connects and sends what opens the watch.
func (w *watcher) dial(address string, stalled bool) error {
	to, err := resolve(address)
	if err != nil {
		return err
	}
	w.socket, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("make a socket: %w", err)
	}
	if stalled {
		if err := unix.SetsockoptInt(w.socket, unix.SOL_SOCKET, unix.SO_RCVBUF, stalledWindow); err != nil {
			return fmt.Errorf("make the receive buffer small: %w", err)
		}
	}
	if err := unix.Connect(w.socket, to); err != nil {
		return fmt.Errorf("connect to %s: %w", address, err)
	}
	if err := w.send(w.reader.Open()); err != nil {
		return err
	}
	if err := unix.SetNonblock(w.socket, true); err != nil {
		return fmt.Errorf("connect to %s: %w", address, err)
	}
	return nil
}

// send writes what is short enough never to wait.
func (w *watcher) send(bytes []byte) error {
	n, err := unix.Write(w.socket, bytes)
	if err != nil {
		return fmt.Errorf("send to the server: %w", err)
	}
	if n < len(bytes) {
		return fmt.Errorf("send to the server: it took %d bytes of %d", n, len(bytes))
	}
	return nil
}

// feed reads what the server has sent, once.
func (w *watcher) feed(piece []byte) error {
	answer, err := w.reader.Feed(piece)
	if err != nil {
		return err //nolint:wrapcheck // it says what the server did
	}
	if len(answer) > 0 {
		return w.send(answer)
	}
	return nil
}

func resolve(address string) (*unix.SockaddrInet4, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", address, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", address, err)
	}
	to := &unix.SockaddrInet4{Port: port}
	if copy(to.Addr[:], net.ParseIP(host).To4()) != len(to.Addr) {
		return nil, fmt.Errorf("address %q: must be an IPv4 address and a port", address)
	}
	return to, nil
}
