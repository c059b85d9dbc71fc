package server

import (
	"golang.org/x/sys/unix"
)

// flagsByte is where TCP's header has its flags.
const flagsByte = 13

// refuseNew lets the listener answer nobody who asks for a connection; those that have
// been begun come about. It is false where that can't be had.
//
// The kernel has a filter for packets to a socket: of SYN and ACK those with SYN alone
// are dropped. Whoever sent one asks again a second later, when the port is closed.
func (l *listener) refuseNew() bool {
	filter := [...]unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flagsByte},
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: tcpSYN | tcpACK},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: tcpSYN, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffff},
	}
	var set error
	err := l.control(func(fd int) {
		set = unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	})
	return err == nil && set == nil
}

const (
	tcpSYN = 0x02
	tcpACK = 0x10
)

// waiting is how many connections wait to be accepted.
func (l *listener) waiting() uint32 {
	var info *unix.TCPInfo
	err := l.control(func(fd int) { info, _ = unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO) })
	if err != nil || info == nil {
		return 0
	}
	return info.Unacked // of a listener it is the length of its queue
}

func (l *listener) control(with func(fd int)) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { with(int(fd)) })
}
