package subscriber_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/subscriber/watchtest"
)

type item = watchtest.Item

var (
	all   = watchtest.All
	last  = watchtest.Last
	after = watchtest.After
)

// watcher is a watch and what it was sent, one thing at a time.
type watcher struct {
	t      *testing.T
	stream contactv1connect.WatchServiceWatchPersonsClientStream
	got    chan item
	err    error // set when got is closed
	cancel context.CancelFunc
}

func (r *replica) watch(request *contactv1.WatchPersonsRequest) *watcher {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := r.client.WatchPersons(ctx, request)
	if err != nil {
		cancel()
		r.t.Fatalf("watch: %v", err)
	}
	w := &watcher{t: r.t, stream: s, got: make(chan item, 1<<16), cancel: cancel}
	go w.receive()
	r.t.Cleanup(w.end)
	return w
}

// end closes the watch and waits until it is.
func (w *watcher) end() {
	w.cancel()
	for range w.got {
	}
}

func (w *watcher) receive() {
	defer close(w.got)
	defer w.stream.Close()
	for {
		response, err := w.stream.Receive()
		if err != nil {
			w.err = err
			return
		}
		for _, i := range watchtest.Items(response) {
			w.got <- i
		}
	}
}

// next returns what comes next.
func (w *watcher) next() item {
	w.t.Helper()
	select {
	case i, ok := <-w.got:
		if !ok {
			w.t.Fatalf("the watch ended: %v", w.err)
		}
		return i
	case <-time.After(patience):
		w.t.Fatal("nothing came")
	}
	return item{}
}

// expect compares what comes with what must come.
func (w *watcher) expect(want ...string) {
	w.t.Helper()
	for _, text := range want {
		if got := w.next().String(); got != text {
			w.t.Fatalf("got %q, want %q", got, text)
		}
	}
}

// skipProgress returns the next item but progress.
func (w *watcher) skipProgress() item {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		if i := w.next(); i.Progress == nil {
			return i
		}
		if time.Now().After(deadline) {
			w.t.Fatal("nothing but progress came")
		}
	}
}

// endsWith waits for the watch's end and compares its code.
func (w *watcher) endsWith(code connect.Code) error {
	w.t.Helper()
	for {
		select {
		case _, ok := <-w.got:
			if ok {
				continue
			}
			if connect.CodeOf(w.err) != code || errors.Is(w.err, io.EOF) {
				w.t.Fatalf("ended with %v, want %s", w.err, code)
			}
			return w.err
		case <-time.After(patience):
			w.t.Fatal("the watch does not end")
		}
	}
}

// expectCovered reads until last and wants each sequence once, in order, as an
// event, or in a gap of reason DELETED exactly where it was deleted.
func (w *watcher) expectCovered(position, last uint64, deleted map[uint64]bool) {
	w.t.Helper()
	for position < last {
		i := w.skipProgress()
		first, end := i.Event.GetSequence(), i.Event.GetSequence()
		if i.Gap != nil {
			first, end = i.Gap.GetFirst(), i.Gap.GetLast()
			if i.Gap.GetReason() != contactv1.GapReason_GAP_REASON_DELETED {
				w.t.Fatalf("got %s, want reason DELETED", i)
			}
		}
		if first != position+1 {
			w.t.Fatalf("got %s after %d", i, position)
		}
		for sequence := first; sequence <= end; sequence++ {
			if deleted[sequence] != (i.Gap != nil) {
				w.t.Fatalf("got %s, but deleted is %v", i, deleted[sequence])
			}
		}
		position = end
	}
}
