package subscriber

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
)

const (
	// retryInterval is how long it waits after a failure.
	retryInterval = 250 * time.Millisecond
	// sourceBatch is how many messages may be under way from JetStream.
	sourceBatch = 4096
)

// state is what watches know of the source at one moment.
type state struct {
	// current is nil until the stream was first reached.
	current   *incarnation
	connected bool
	// changed is closed when there is a newer state.
	changed chan struct{}
}

// source reads the stream into the log, and is the log's only writer.
type source struct {
	nc        *nats.Conn
	js        jetstream.JetStream
	name      string
	ringBytes int64
	log       *slog.Logger

	rates rates
	// heard is what the leader last said of the stream; nil before.
	heard atomic.Pointer[heard]

	// ready is set once the ring holds the stream's tail, and stays.
	ready atomic.Bool

	mu    sync.Mutex
	state state

	// appending is held to write the log: by the reader, and by the checker when
	// the stream's end was deleted.
	appending sync.Mutex
	buf       []byte
}

func newSource(nc *nats.Conn, js jetstream.JetStream, cfg Config) *source {
	return &source{
		nc: nc, js: js, name: cfg.Stream, ringBytes: cfg.RingBytes, log: cfg.Logger,
		state: state{changed: make(chan struct{})},
	}
}

func (s *source) now() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// publish makes a newer state known.
func (s *source) publish(current *incarnation, connected bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.current == current && s.state.connected == connected {
		return
	}
	close(s.state.changed)
	s.state = state{current: current, connected: connected, changed: make(chan struct{})}
}

// run reads until ctx is done.
func (s *source) run(ctx context.Context) {
	var said string
	for ctx.Err() == nil {
		err := s.session(ctx)
		if s.now().connected {
			said = "" // it read: this is another failure
		}
		s.publish(s.now().current, false)
		if ctx.Err() != nil {
			return
		}
		if text := err.Error(); text != said {
			s.log.Warn("not reading the stream; trying again", "stream", s.name, "error", err)
			said = text
		}
		pause(ctx, retryInterval)
	}
}

// session reads for as long as the connection and the stream stay the same.
func (s *source) session(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := s.endWithConnection(cancel)
	defer stop()

	info, err := ask(ctx, s.js, s.name)
	if err != nil {
		return err
	}
	current, err := s.reconcile(ctx, info)
	if err != nil {
		return err
	}
	r, err := openReader(ctx, s.js, s.name, current.epoch, current.log.Head()+1, sourceBatch)
	if err != nil {
		return err
	}
	defer r.close(ctx)

	var checking sync.WaitGroup
	defer checking.Wait()
	defer cancel(nil)
	checking.Go(func() { s.check(ctx, current, cancel) })

	s.publish(current, true)
	return s.read(ctx, current, r)
}

// endWithConnection cancels the session when NATS goes away, rather than when a
// heartbeat is missed.
func (s *source) endWithConnection(cancel context.CancelCauseFunc) (stop func()) {
	statuses := s.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	done := make(chan struct{})
	go func() {
		select {
		case <-statuses:
			cancel(nats.ErrDisconnected)
		case <-done:
		}
	}()
	return func() {
		s.nc.RemoveStatusListener(statuses)
		close(done)
	}
}

// reconcile returns the incarnation that the stream is, a new one if need be.
func (s *source) reconcile(ctx context.Context, info *jetstream.StreamInfo) (*incarnation, error) {
	current := s.now().current
	if current != nil && current.epoch == stream.Epoch(info) {
		lost, err := s.confirmLoss(ctx, current, info)
		if err != nil {
			return nil, err
		}
		if lost == nil {
			current.noteLast(info.State.LastSeq)
			return current, nil
		}
		s.log.Error("the stream lost messages", "error", lost)
		return s.replace(current, info, lost), nil
	}
	if current != nil {
		s.log.Warn("the stream was made anew", "epoch", stream.Epoch(info), "before", current.epoch)
	}
	return s.replace(current, info, errOtherEpoch), nil
}

// replace starts the log of another incarnation at the tail that its ring can
// hold, and ends the one before.
func (s *source) replace(before *incarnation, info *jetstream.StreamInfo, reason error) *incarnation {
	next := newIncarnation(stream.Epoch(info), tail(info.State, s.ringBytes), s.ringBytes)
	next.noteLast(info.State.LastSeq)
	s.publish(next, false)
	if before != nil {
		before.log.Close(reason)
	}
	return next
}

// tail returns the position from which the stream's last messages fill a ring.
func tail(st jetstream.StreamState, ringBytes int64) uint64 {
	base := max(st.FirstSeq, 1) - 1
	if st.Msgs == 0 {
		return st.LastSeq
	}
	size := max(st.Bytes/st.Msgs, 1)
	fit := uint64(max(ringBytes, 0)) / size
	if st.LastSeq > fit {
		base = max(base, st.LastSeq-fit)
	}
	return base
}

// read appends what comes.
func (s *source) read(ctx context.Context, current *incarnation, r *reader) error {
	s.noteReady(current)
	for {
		m, _, err := r.next(ctx)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return err
		}
		if err := s.append(ctx, current, m); err != nil {
			return err
		}
		s.noteReady(current)
	}
}

func (s *source) append(ctx context.Context, current *incarnation, m message) error {
	s.appending.Lock()
	defer s.appending.Unlock()
	head := current.log.Head()
	if m.sequence <= head {
		return nil // said to be gone while it was on its way
	}
	if m.sequence > head+1 {
		if err := s.appendGap(ctx, current, m.sequence-1); err != nil {
			return err
		}
	}
	s.buf = appendEvent(s.buf[:0], m)
	current.log.Append(m.sequence, m.publishedAt.UnixNano(), s.buf)
	if s.ready.Load() { // what was there before it began is no event of now
		s.rates.count()
	}
	return nil
}

// appendGap says that everything from the head through last is gone.
func (s *source) appendGap(ctx context.Context, current *incarnation, last uint64) error {
	info, err := ask(ctx, s.js, s.name)
	if err != nil {
		return err
	}
	if stream.Epoch(info) != current.epoch {
		return errOtherEpoch
	}
	for _, g := range gaps(current.log.Head()+1, last, info.State.FirstSeq) {
		current.log.Gap(g.last, g.reason)
	}
	return nil
}

func (s *source) noteReady(current *incarnation) {
	if s.ready.Load() || current.log.Head() < current.last.Load() || !s.ready.CompareAndSwap(false, true) {
		return
	}
	s.log.Info("reading the stream", "stream", s.name, "epoch", current.epoch, "head", current.log.Head())
}

// pause waits, or ends with ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
