package subscriber

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"rollcall/internal/stream"
	"rollcall/subscriber/fanout"
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
	// reason says why it is not connected, for those who watch.
	reason string
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
	// noReaders is until when none is to be opened, in nanoseconds since 1970.
	noReaders atomic.Int64
	// found is what the leader last said of the stream; nil before.
	found atomic.Pointer[stream.State]

	// ready is set once the ring holds the stream's tail, and stays.
	ready atomic.Bool

	mu    sync.Mutex
	state state

	// appending is held to write the log: by the reader, and by who has learnt what is
	// gone from the stream.
	appending sync.Mutex
	buf       []byte

	outage outage
	// tried is set once it is known why the stream is not read.
	tried bool
	// behind is since when the leader says that the stream is behind the log; zero while it
	// does not.
	behind time.Time
	// patience is how long a reader may give nothing though there is something.
	patience patience
}

func newSource(from *stream.Stream, cfg Config) *source {
	return &source{
		stream: from, ringBytes: cfg.RingBytes, log: cfg.Logger,
		settings: stream.NewInspection(stream.Use{Readers: readers(cfg)}, cfg.Logger),
		outage:   outage{log: cfg.Logger, stream: from},
		state:    state{reason: fmt.Sprintf("stream %q is not reached yet", from.Name()), changed: make(chan struct{})},
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
func (s *source) publish(current *incarnation, connected bool, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.current == current && s.state.connected == connected && s.state.reason == reason {
		return
	}
	close(s.state.changed)
	s.state = state{current: current, connected: connected, reason: reason, changed: make(chan struct{})}
}

// run reads until ctx is done.
func (s *source) run(ctx context.Context) {
	for ctx.Err() == nil {
		begun := time.Now()
		err := s.session(ctx)
		if err != nil && ctx.Err() == nil {
			s.lose(err)
			s.outage.failed(err)
		}
		if err != nil || time.Since(begun) < retryInterval {
			pause(ctx, retryInterval)
		}
	}
	s.lose(stream.ErrAway)
	s.outage.end()
}

// lose makes known that the stream is not read. A reason stays until one comes that is
// lasting: those that pass alternate.
func (s *source) lose(err error) {
	now := s.now()
	reason := reasonOf(err, s.stream.Name())
	if s.tried && !now.connected && !isLasting(err) {
		reason = now.reason
	}
	s.tried = true
	s.publish(now.current, false, reason)
}

// session reads for as long as the connection and the stream stay the same. The error
// is why that could not begin.
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
	if err := s.settings.Forbidden(); err != nil {
		return err
	}
	current, err := s.reconcile(found)
	if err != nil {
		return err
	}
	if _, err := s.learn(ctx, current, found); err != nil {
		return err
	}
	var checking sync.WaitGroup
	defer checking.Wait()
	defer cancel(nil)
	reading := false
	begin := sync.OnceFunc(func() {
		reading = true
		s.publish(current, true, "")
		s.outage.over()
		checking.Go(func() { s.check(ctx, current, cancel) })
	})
	r, err := s.openReader(ctx, current, begin)
	if err == nil {
		defer r.Close(ctx)
		begin()
		err = s.read(ctx, current, r)
	}
	if !reading {
		return err
	}
	s.lose(err) // before anything that takes time
	s.outage.ended(err)
	return nil
}

// reconcile returns the incarnation that the stream is, a new one if need be.
func (s *source) reconcile(found *stream.State) (*incarnation, error) {
	current := s.now().current
	if current == nil || current.epoch != found.Epoch {
		if current != nil {
			s.log.Warn("the stream was made anew", "stream", s.stream.Name(), "epoch", found.Epoch, "before", current.epoch)
		}
		s.behind = time.Time{}
		return s.replace(current, found, stream.ErrOtherEpoch), nil
	}
	switch lost := s.compare(current.log.Head(), found); {
	case lost == nil:
		return current, nil
	case errors.Is(lost, errBehind):
		return nil, lost
	default:
		s.log.Error("the stream lost messages", "stream", s.stream.Name(), "error", lost)
		s.behind = time.Time{}
		return s.replace(current, found, lost), nil
	}
}

// replace starts the log of another incarnation at the tail that its ring can
// hold, and ends the one before.
func (s *source) replace(before *incarnation, found *stream.State, reason error) *incarnation {
	next := newIncarnation(found, tail(found, s.ringBytes), s.ringBytes)
	s.publish(next, false, s.now().reason)
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
	known := current.known.Load()
	if known.hasDeleted(m.Sequence) { // while it was on its way
		current.log.Gap(m.Sequence, fanout.Deleted)
		return nil
	}
	current.outdated = current.outdated || m.Sequence <= known.BeforeFirst()
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
