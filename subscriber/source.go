package subscriber

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/internal/stream"
	"rollcall/subscriber/fanout"
)

const (
	// checkInterval is how often the source asks the leader how the stream is:
	// messages deleted at its end, and a stream made anew, send no message.
	checkInterval = time.Second
	// retryInterval is how long it waits after a failure.
	retryInterval = 250 * time.Millisecond
	// sourceBatch is how many messages may be under way from JetStream.
	sourceBatch = 4096
)

// incarnation is one epoch of the stream and the log of its latest events.
type incarnation struct {
	epoch string
	log   *fanout.Log
	json  *fanout.View
	// last is the stream's last sequence as the leader last said.
	last atomic.Uint64
}

func newIncarnation(epoch string, base uint64, ringBytes int64) *incarnation {
	log := fanout.New(base, ringBytes)
	return &incarnation{epoch: epoch, log: log, json: log.NewView(appendJSON)}
}

// head returns the stream's last sequence as far as it is known here.
func (i *incarnation) head() uint64 { return max(i.last.Load(), i.log.Head()) }

// state is what watches know of the source at one moment.
type state struct {
	// current is nil until the stream was first reached.
	current   *incarnation
	connected bool
	// changed is closed when there is a newer state.
	changed chan struct{}
}

// dataLossError says that the stream fell behind what was read from it.
type dataLossError struct{ read, last uint64 }

func (e dataLossError) Error() string {
	return fmt.Sprintf("the stream's last sequence is %d, but %d was read from it under the same epoch: messages were lost, or an old copy was restored without a new epoch", e.last, e.read)
}

// source reads the stream into the log, and is the log's only writer.
type source struct {
	nc        *nats.Conn
	js        jetstream.JetStream
	name      string
	ringBytes int64
	log       *slog.Logger

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
	defer r.close()

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
			current.last.Store(info.State.LastSeq)
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

// confirmLoss looks twice before it says that the stream is behind what was read
// from it: a new leader may take a moment to apply what was committed.
func (s *source) confirmLoss(ctx context.Context, current *incarnation, info *jetstream.StreamInfo) (lost, err error) {
	for range 3 {
		if info.State.LastSeq >= current.log.Head() || stream.Epoch(info) != current.epoch {
			return nil, nil
		}
		pause(ctx, checkInterval)
		if info, err = ask(ctx, s.js, s.name); err != nil {
			return nil, err
		}
	}
	return dataLossError{read: current.log.Head(), last: info.State.LastSeq}, nil
}

// replace starts the log of another incarnation at the tail that its ring can
// hold, and ends the one before.
func (s *source) replace(before *incarnation, info *jetstream.StreamInfo, reason error) *incarnation {
	next := newIncarnation(stream.Epoch(info), tail(info.State, s.ringBytes), s.ringBytes)
	next.last.Store(info.State.LastSeq)
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

// gap is a range of sequences that JetStream no longer has.
type gap struct {
	first, last uint64
	reason      fanout.Reason
}

// gaps divides what is gone at the first sequence that the stream keeps.
func gaps(first, last, keptFrom uint64) []gap {
	var all []gap
	if first < keptFrom {
		all = append(all, gap{first, min(last, keptFrom-1), fanout.NotRetained})
		first = min(last, keptFrom-1) + 1
	}
	if first <= last {
		all = append(all, gap{first, last, fanout.Deleted})
	}
	return all
}

func (s *source) noteReady(current *incarnation) {
	if s.ready.Load() || current.log.Head() < current.last.Load() || !s.ready.CompareAndSwap(false, true) {
		return
	}
	s.log.Info("reading the stream", "stream", s.name, "epoch", current.epoch, "head", current.log.Head())
}

// check looks after what sends no message, and ends the session when the stream
// is not what was read any more.
func (s *source) check(ctx context.Context, current *incarnation, end context.CancelCauseFunc) {
	for ctx.Err() == nil {
		before := current.log.Head()
		info, err := ask(ctx, s.js, s.name)
		switch {
		case err != nil:
			end(err)
		case stream.Epoch(info) != current.epoch, info.State.LastSeq < before:
			end(errOtherEpoch) // the next session finds out which
		default:
			current.last.Store(info.State.LastSeq)
			if err := s.sayDeletedEnd(ctx, current, before, info.State.LastSeq); err != nil {
				end(err)
			}
		}
		pause(ctx, checkInterval)
	}
}

// sayDeletedEnd appends a gap if nothing is left of the stream after head. A
// message that is on its way all the same is then passed over.
func (s *source) sayDeletedEnd(ctx context.Context, current *incarnation, head, last uint64) error {
	if last <= head {
		return nil
	}
	left, err := s.anyFrom(ctx, head+1)
	if err != nil || left {
		return err
	}
	s.appending.Lock()
	defer s.appending.Unlock()
	if current.log.Head() != head {
		return nil
	}
	if err := s.appendGap(ctx, current, last); err != nil {
		return err
	}
	s.noteReady(current)
	return nil
}

// anyFrom reports whether the stream has a message at a sequence or later.
func (s *source) anyFrom(ctx context.Context, sequence uint64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	handle, err := s.js.Stream(ctx, s.name)
	if err != nil {
		return false, fmt.Errorf("look up stream %q: %w", s.name, err)
	}
	_, err = handle.GetMsg(ctx, sequence, jetstream.WithGetMsgSubject(">"))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a message from sequence %d on: %w", sequence, err)
	}
	return true, nil
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
