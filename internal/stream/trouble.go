package stream

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// patience is how long JetStream may leave messages without any answer before its
	// store is asked whether it can be written.
	patience = 500 * time.Millisecond
	// trials is after how many times the time for an acknowledgement a trouble that nothing
	// was heard of since is forgotten, so that messages come again that show whether it is
	// over.
	trials = 3
)

// trouble is what the last messages met that the next ones would meet too.
type trouble struct {
	// silentSince is when the first message was sent that no answer came after, in
	// nanoseconds since 1970; 0 if there is none.
	silentSince atomic.Int64
	// refused is JetStream's last answer, if any message would get it; nil if not.
	refused atomic.Pointer[refused]
	// stored is set by each message that is stored.
	stored atomic.Bool

	// The rest belongs to who calls Check and Forget.

	// store is why the store could not be written when it was last asked.
	store error
	// mute is set if the store can't be asked.
	mute bool
	// tried is set while a trouble is forgotten for want of news.
	tried bool
}

type refused struct {
	err error
	at  time.Time
}

// sent notes that a message is on its way.
func (t *trouble) sent() {
	if t.silentSince.Load() == 0 {
		t.silentSince.CompareAndSwap(0, time.Now().UnixNano())
	}
}

// heard notes the answer to a message.
func (t *trouble) heard(err error) {
	t.silentSince.Store(0)
	switch {
	case err == nil:
		if t.refused.Load() != nil {
			t.refused.Store(nil)
		}
		if !t.stored.Load() {
			t.stored.Store(true)
		}
	case isForAll(err):
		t.refused.Store(&refused{err, time.Now()})
	}
}

// isForAll reports whether JetStream would answer any message so. What a stream takes
// is known from its state.
func isForAll(err error) bool {
	if errors.Is(err, ErrNoStream) {
		return true
	}
	answer, ok := errors.AsType[*AnswerError](err)
	if !ok {
		return false
	}
	for _, own := range []error{ErrTooLarge, ErrKnownKey, ErrKeyInProcess, ErrNoBatches, ErrBusy, ErrIncomplete} {
		if errors.Is(err, own) {
			return false
		}
	}
	return !errors.Is(err, ErrFull) || answer.Code != int(codeStoreFailed)
}

// silence is how long JetStream has said nothing to what was sent.
func (t *trouble) silence() time.Duration {
	if since := t.silentSince.Load(); since != 0 {
		return time.Since(time.Unix(0, since))
	}
	return 0
}

// forget is for when what was so need not be so any more.
func (t *trouble) forget() {
	t.silentSince.Store(0)
	t.refused.Store(nil)
}

// Check returns nil if a message that is published now would be stored, as far as can
// be told without publishing one. state is how the stream is at this moment, storage why
// its store can't be written, if that is known. What is under way ends then. It must not
// be called twice at a time.
func (p *Publisher) Check(ctx context.Context, state *State, storage error) error {
	if full := state.full(); full != "" {
		return fmt.Errorf("%w in stream %q: %s", ErrFull, state.Name, full)
	}
	if p.trouble.stored.Swap(false) {
		p.trouble.tried, p.trouble.mute = false, false
	}
	if storage == nil {
		storage = p.askStore(ctx, state)
	}
	if storage != nil {
		if p.trouble.silence() > patience {
			p.Fail(storage)
		}
		return storage
	}
	silence := p.trouble.silence()
	refused := p.trouble.refused.Load()
	switch {
	case refused != nil && time.Since(refused.at) < trials*p.timeout:
		return refused.err
	case silence > p.timeout && silence < (1+trials)*p.timeout:
		return fmt.Errorf("stream %q: JetStream answers, but acknowledges nothing: see the log of the NATS servers; in a cluster most of those that have the stream may be away, or their disks full", state.Name)
	case refused != nil || silence > p.timeout:
		p.trouble.forget()
		p.trouble.tried = true
	}
	return nil
}

// askStore asks the store when JetStream is silent, and then until it can be written.
func (p *Publisher) askStore(ctx context.Context, state *State) error {
	t := &p.trouble
	if state.Replicas > 1 || state.InMemory || t.store == nil && (t.mute || t.silence() < patience) {
		return nil
	}
	failure, err := p.stream.storeFailure(ctx)
	switch {
	case err != nil:
		t.mute = true // and nothing new is known
		return t.store
	case failure == nil && t.store != nil:
		t.forget()
	}
	t.store = failure
	return failure
}

// Forget is for when the stream could not be asked and can again: what was met before is
// over.
func (p *Publisher) Forget() {
	p.trouble.forget()
	p.trouble.store = nil
}

// OnTrial reports whether Check has forgotten a trouble for want of news, and nothing
// was stored since.
func (p *Publisher) OnTrial() bool { return p.trouble.tried }
