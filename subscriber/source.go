package subscriber

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

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
	stream    *stream.Stream
	ringBytes int64
	log       *slog.Logger
	settings  *stream.Inspection

	rates rates
	// found is what the leader last said of the stream; nil before.
	found atomic.Pointer[stream.State]

	// ready is set once the ring holds the stream's tail, and stays.
	ready atomic.Bool

	mu    sync.Mutex
	state state

	// appending is held to write the log: by the reader, and by the checker when
	// the stream's end was deleted.
	appending sync.Mutex
	buf       []byte
}

func newSource(from *stream.Stream, cfg Config) *source {
	return &source{
		stream: from, ringBytes: cfg.RingBytes, log: cfg.Logger,
		settings: stream.NewInspection(stream.Use{Readers: readers(cfg)}, cfg.Logger),
		state:    state{changed: make(chan struct{})},
	}
}

// readers is how many read from the stream at a time: the source, those that are behind
// the ring, and one that looks for a time.
func readers(cfg Config) int { return 1 + cfg.Replays + 1 }

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
			s.log.Warn("not reading the stream; trying again", "stream", s.stream.Name(), "error", err)
			said = text
		}
		pause(ctx, retryInterval)
	}
}

// session reads for as long as the connection and the stream stay the same.
func (s *source) session(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Rather than when a heartbeat is missed.
	stop := s.stream.Disconnected(func() { cancel(stream.ErrAway) })
	defer stop()

	found, err := s.stream.State(ctx)
	if err != nil {
		return err
	}
	s.settings.Look(found)
	current, err := s.reconcile(ctx, found)
	if err != nil {
		return err
	}
	r, err := s.stream.OpenReader(ctx, current.epoch, current.log.Head()+1, sourceBatch)
	if err != nil {
		return err
	}
	defer r.Close(ctx)

	var checking sync.WaitGroup
	defer checking.Wait()
	defer cancel(nil)
	checking.Go(func() { s.check(ctx, current, cancel) })

	s.publish(current, true)
	return s.read(ctx, current, r)
}

// reconcile returns the incarnation that the stream is, a new one if need be.
func (s *source) reconcile(ctx context.Context, found *stream.State) (*incarnation, error) {
	current := s.now().current
	if current != nil && current.epoch == found.Epoch {
		lost, err := s.confirmLoss(ctx, current, found)
		if err != nil {
			return nil, err
		}
		if lost == nil {
			current.noteLast(found.Last)
			return current, nil
		}
		s.log.Error("the stream lost messages", "error", lost)
		return s.replace(current, found, lost), nil
	}
	if current != nil {
		s.log.Warn("the stream was made anew", "epoch", found.Epoch, "before", current.epoch)
	}
	return s.replace(current, found, stream.ErrOtherEpoch), nil
}

// replace starts the log of another incarnation at the tail that its ring can
// hold, and ends the one before.
func (s *source) replace(before *incarnation, found *stream.State, reason error) *incarnation {
	next := newIncarnation(found.Epoch, tail(found, s.ringBytes), s.ringBytes)
	next.noteLast(found.Last)
	s.publish(next, false)
	if before != nil {
		before.log.Close(reason)
	}
	return next
}

// tail returns the position from which the stream's last messages fill a ring.
func tail(found *stream.State, ringBytes int64) uint64 {
	base := found.BeforeFirst()
	if found.Messages == 0 {
		return base
	}
	size := max(found.Bytes/found.Messages, 1)
	fit := uint64(max(ringBytes, 0)) / size
	if found.Last > fit {
		base = max(base, found.Last-fit)
	}
	return base
}

// read appends what comes.
func (s *source) read(ctx context.Context, current *incarnation, r *stream.Reader) error {
	s.noteReady(current)
	for {
		m, _, err := r.Next(ctx)
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

func (s *source) append(ctx context.Context, current *incarnation, m stream.Message) error {
	s.appending.Lock()
	defer s.appending.Unlock()
	head := current.log.Head()
	if m.Sequence <= head {
		return nil // said to be gone while it was on its way
	}
	if m.Sequence > head+1 {
		if err := s.appendGap(ctx, current, m.Sequence-1); err != nil {
			return err
		}
	}
	s.buf = appendEvent(s.buf[:0], m)
	current.log.Append(m.Sequence, m.PublishedAt.UnixNano(), s.buf)
	if s.ready.Load() { // what was there before it began is no event of now
		s.rates.count()
	}
	return nil
}

// appendGap says that everything from the head through last is gone.
func (s *source) appendGap(ctx context.Context, current *incarnation, last uint64) error {
	found, err := s.stream.State(ctx)
	if err != nil {
		return err
	}
	if found.Epoch != current.epoch {
		return stream.ErrOtherEpoch
	}
	for _, g := range gaps(current.log.Head()+1, last, found.First) {
		current.log.Gap(g.last, g.reason)
	}
	return nil
}

func (s *source) noteReady(current *incarnation) {
	if s.ready.Load() || current.log.Head() < current.last.Load() || !s.ready.CompareAndSwap(false, true) {
		return
	}
	s.log.Info("reading the stream", "stream", s.stream.Name(), "epoch", current.epoch, "head", current.log.Head())
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
