package client

import (
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// Dial returns a socket that is connected and never waits. Its receive buffer is
// window bytes; 0 leaves it to the kernel.
func Dial(address string, window int) (socket int, err error) {
	to, err := resolve(address)
	if err != nil {
		return 0, err
	}
	socket, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("make a socket: %w", err)
	}
	if window > 0 {
		if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUF, window); err != nil {
			return 0, fmt.Errorf("make the receive buffer small: %w", err)
		}
	}
	if err := unix.Connect(socket, to); err != nil {
		return 0, fmt.Errorf("connect to %s: %w", address, err)
	}
	// What is sent goes at once, as from Go's own connections.
	if err := unix.SetsockoptInt(socket, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return 0, fmt.Errorf("connect to %s: %w", address, err)
	}
	if err := unix.SetNonblock(socket, true); err != nil {
		return 0, fmt.Errorf("connect to %s: %w", address, err)
	}
	return socket, nil
}

// Send writes what is short enough never to wait.
func Send(socket int, bytes []byte) error {
	n, err := unix.Write(socket, bytes)
	if err != nil {
		return fmt.Errorf("send to the server: %w", err)
	}
	if n < len(bytes) {
		return fmt.Errorf("send to the server: it took %d bytes of %d", n, len(bytes))
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
