package watchtest

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// Direct is an http.RoundTripper that calls the handler instead of a server. It
// holds nothing on the way: what the client does not read the handler can't write,
// so that a client which stops reading stops its watch at the very next response.
type Direct struct {
	Handler http.Handler
	calls   sync.WaitGroup
}

// RoundTrip implements http.RoundTripper.
func (d *Direct) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	body, sink := io.Pipe()
	w := &directWriter{header: http.Header{}, sink: sink, begun: make(chan struct{})}
	d.calls.Go(func() {
		defer r.Body.Close()
		defer cancel()
		stop := context.AfterFunc(ctx, func() { sink.CloseWithError(context.Canceled) })
		defer stop()
		d.Handler.ServeHTTP(w, r.WithContext(ctx))
		w.WriteHeader(http.StatusOK)
		sink.Close()
	})
	select {
	case <-w.begun:
	case <-ctx.Done():
		select {
		case <-w.begun: // it has ended, which is not too soon to be read
		default:
			return nil, context.Canceled
		}
	}
	return &http.Response{
		StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: directBody{body, cancel}, ContentLength: -1, Request: r,
	}, nil
}

// Wait waits until every call has ended; none may begin meanwhile.
func (d *Direct) Wait() { d.calls.Wait() }

// directBody ends the call when the client closes it.
type directBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b directBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

type directWriter struct {
	header, sent http.Header
	status       int
	begun        chan struct{}
	once         sync.Once
	sink         *io.PipeWriter
}

func (w *directWriter) Header() http.Header { return w.header }

func (w *directWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	})
}

func (w *directWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.sink.Write(p)
}

func (w *directWriter) Flush() { w.WriteHeader(http.StatusOK) }
