package load

import (
	"time"

	"rollcall/bench/client"
	"rollcall/bench/measure"
	"rollcall/bench/wire"
)

// watch is one watcher of the persons that are submitted beside it: one clock says
// when a person was sent and when its event came.
type watch struct {
	socket int
	reader wire.Reader
	ended  error

	measuring bool
	seen      int
	received  time.Time
	times     *measure.Histogram
}

func newWatch(address string, times *measure.Histogram) (w *watch, err error) {
	w = &watch{times: times}
	w.reader = wire.NewConnect(w, "")
	if w.socket, err = client.Dial(address, 0); err != nil {
		return nil, err
	}
	return w, client.Send(w.socket, w.reader.Open())
}

// read reads what has come, once.
func (w *watch) read(buf []byte) error {
	piece, err := receive(w.socket, buf)
	if err == nil && piece != nil {
		w.received = time.Now()
		_, err = w.reader.Feed(piece) // over HTTP/1.1 there is nothing to answer
	}
	w.ended = err
	return err
}

// Saw counts an event.
func (w *watch) Saw(uint64) bool {
	w.seen++
	return w.measuring
}

// Sample takes how long ago its request was sent.
func (w *watch) Sample(sent int64) { w.times.Add(w.received.Sub(time.Unix(0, sent))) }
