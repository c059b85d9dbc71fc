package peer

import (
	"bytes"
	"net"
	"runtime"
	"sync"

	"rollcall/bench/listen"
	"rollcall/bench/payload"
)

// floorQueue is how many events may wait for a writer.
const floorQueue = 1024

// floor is the least that one write a watcher an event can cost: the payload on a
// bare TCP connection, with a goroutine a core that writes to its share of them in
// turn. A full queue or a connection that takes no more makes everyone wait.
type floor struct {
	listener net.Listener
	writers  []*floorWriter
}

type floorWriter struct {
	mu          sync.Mutex
	connections []net.Conn
	events      chan []byte
}

func startFloor() (Peer, error) {
	listener, err := listen.TCP()
	if err != nil {
		return nil, err
	}
	f := &floor{listener: listener}
	for range runtime.NumCPU() {
		w := &floorWriter{events: make(chan []byte, floorQueue)}
		f.writers = append(f.writers, w)
		go w.run()
	}
	go f.accept()
	return f, nil
}

func (f *floor) accept() {
	for i := 0; ; i++ {
		connection, err := f.listener.Accept()
		if err != nil {
			return // it was closed
		}
		f.writers[i%len(f.writers)].add(connection)
	}
}

// add says to the client that events will come.
func (w *floorWriter) add(connection net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := connection.Write([]byte("\n")); err == nil {
		w.connections = append(w.connections, connection)
	}
}

func (w *floorWriter) run() {
	for event := range w.events {
		w.mu.Lock()
		for _, connection := range w.connections {
			_, _ = connection.Write(event) // who has gone is found missing by the client
		}
		w.mu.Unlock()
	}
}

// Address is where it listens.
func (f *floor) Address() string { return f.listener.Addr().String() }

// Publish hands the event to the writers.
func (f *floor) Publish(event []byte) error {
	event = bytes.Clone(event[:payload.Size])
	for _, w := range f.writers {
		w.events <- event
	}
	return nil
}

// Close ends the listening and the writers.
func (f *floor) Close() {
	_ = f.listener.Close()
	for _, w := range f.writers {
		close(w.events)
	}
}
