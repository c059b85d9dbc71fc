package client

import "rollcall/bench/wire"

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
func (w *watcher) dial(address string, stalled bool) (err error) {
	window := 0
	if stalled {
		window = stalledWindow
	}
	if w.socket, err = Dial(address, window); err != nil {
		return err
	}
	return Send(w.socket, w.reader.Open())
}

// feed reads what the server has sent, once.
func (w *watcher) feed(piece []byte) error {
	answer, err := w.reader.Feed(piece)
	if err != nil {
		return err
	}
	if len(answer) > 0 {
		return Send(w.socket, answer)
	}
	return nil
}
