package modeltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rollcall/docs"
	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber/watchtest"
)

// schedule is one run: a stream of its own, two replicas, some clients, and steps
// drawn one after another from the seed.
type schedule struct {
	seed uint64
	rand *rand.Rand

	// What it has from its start: NATS is stopped and started; replicas listen on
	// real connections; persons are large, so that the ring turns at every other;
	// the stream's metadata names its epochs; how many steps there are.
	restarts, listens, fat, named bool
	steps                         int

	begun         time.Time
	nats          *streamtest.Server // where restarts
	nc            *nats.Conn
	js            jetstream.JetStream
	name, subject string
	config        jetstream.StreamConfig

	running sync.WaitGroup  // of clients, and of replicas that end
	ctx     context.Context //nolint:containedctx // its end is the schedule's

	mu       sync.Mutex
	cond     *sync.Cond // whatever changed
	stream   history
	exists   bool // the stream does
	changing bool // something is being done to it
	away     bool // NATS is
	replicas [2]*replica
	clients  []*client
	did      []string
	failure  string
}

// run runs the schedule; what failed is then in failure.
func (s *schedule) run() {
	var cancel context.CancelFunc
	s.begun = time.Now()
	// With an end, for without one JetStream's client gives up after a few seconds.
	s.ctx, cancel = context.WithTimeout(context.Background(), 6*patience)
	s.config = jetstream.StreamConfig{
		Name: s.name, Subjects: []string{s.subject}, Storage: jetstream.MemoryStorage, AllowDirect: true,
		MaxMsgs: int64(s.stream.maxMessages), MaxBytes: int64(s.stream.maxBytes), Discard: jetstream.DiscardOld,
	}
	if s.restarts {
		s.config.Storage = jetstream.FileStorage
	}
	s.make()
	for range s.rand.IntN(12) {
		s.publish()
	}
	s.startReplica(0)
	if s.one(2) {
		s.startReplica(1)
	}
	for range s.steps {
		if s.failed() {
			break
		}
		s.step()
	}
	s.finish()
	cancel()
	s.running.Wait()
	for i := range s.replicas {
		s.stopReplica(i)
	}
	s.running.Wait()
	if s.exists {
		_ = s.js.DeleteStream(context.Background(), s.name)
	}
}

// step draws and does one thing.
func (s *schedule) step() {
	steps := []struct {
		weight int
		do     func()
	}{
		{20, func() { s.publish() }},
		{15, s.burst},
		{25, s.open},
		{10, s.delete},
		{6, s.purge},
		{8, s.pause},
		{6, s.readOn},
		{12, s.reconnect},
		{4, s.drop},
		{4, s.askTheFuture},
		{8, s.turnReplica},
		{4, s.settle},
		{2, s.forget},
		{s.restartWeight(), s.turnNATS},
	}
	sum := 0
	for _, step := range steps {
		sum += step.weight
	}
	drawn := s.rand.IntN(sum)
	for _, step := range steps {
		if drawn -= step.weight; drawn < 0 {
			step.do()
			return
		}
	}
}

func (s *schedule) restartWeight() int {
	if s.restarts {
		return 25
	}
	return 0
}

// sayf notes a step.
func (s *schedule) sayf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did = append(s.did, fmt.Sprintf("%4d ms  ", time.Since(s.begun).Milliseconds())+fmt.Sprintf(format, args...))
}

func (s *schedule) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure != ""
}

// must fails the schedule if something went wrong that is not to be tested.
func (s *schedule) must(err error, what string) {
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failf(nil, "%s: %v", what, err)
}

// change does something to the stream, which the model is told before. Meanwhile no
// watch is opened: what it may start with would be neither that of before nor that
// of after.
func (s *schedule) change(what string, note func(*epoch), do func() error) {
	s.mu.Lock()
	s.changing = true
	note(s.stream.now())
	for _, c := range s.clients {
		c.streamChanged()
	}
	s.mu.Unlock()
	err := do()
	s.must(err, what)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changing = false
	s.cond.Broadcast()
}

// make makes the stream, after what may have been there under its name.
func (s *schedule) make() {
	s.back()
	s.mu.Lock()
	defer s.mu.Unlock() // no response is judged before the epoch's name is known
	if s.named {
		s.config.Metadata = map[string]string{stream.EpochKey: fmt.Sprintf("epoch %d", len(s.stream.epochs))}
	}
	var made jetstream.Stream
	var err error
	// For a moment after the deletion the server may still hold the files.
	for range 200 {
		if made, err = s.js.CreateStream(s.ctx, s.config); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err != nil {
		s.failf(nil, "make the stream: %v", err)
		return
	}
	s.stream.begin(stream.Epoch(made.CachedInfo()))
	s.exists = true
	for _, c := range s.clients {
		c.streamChanged()
	}
	s.did = append(s.did, fmt.Sprintf("make the stream: epoch %d, max messages %d, max bytes %d, %s", len(s.stream.epochs)-1, s.stream.maxMessages, s.stream.maxBytes, s.config.Storage))
}

// there sees to it that there is a stream that can be reached.
func (s *schedule) there() {
	s.back()
	if !s.exists {
		s.make()
	}
}

func (s *schedule) publish() {
	s.there()
	m, payload := s.message()
	s.sayf("publish %.20q, %d bytes: sequence %d", m.person, len(payload), s.stream.now().last()+1)
	s.change("publish", func(*epoch) { s.stream.publish(m) }, func() error {
		ack, err := s.js.Publish(s.ctx, s.subject, payload)
		if err == nil && ack.Sequence != s.stream.now().last() {
			err = fmt.Errorf("got sequence %d", ack.Sequence)
		}
		return err
	})
}

// message draws a person, or garbage.
func (s *schedule) message() (message, []byte) {
	if s.one(8) {
		garbage := []byte(strings.Repeat("x", s.rand.IntN(100)))
		return message{size: len(garbage)}, garbage
	}
	name := fmt.Sprintf("person %d.%d ", len(s.stream.epochs), s.stream.now().last()+1)
	if s.fat {
		name += strings.Repeat("x", 20_000+s.rand.IntN(25_000))
	}
	payload, err := person.Encode(nil, &contactv1.Person{Name: name, Email: "p@example.org"})
	s.must(err, "encode")
	return message{person: name, size: len(payload)}, payload
}

func (s *schedule) burst() {
	for range 2 + s.rand.IntN(8) {
		s.publish()
	}
}

func (s *schedule) delete() {
	s.there()
	kept := s.stream.now().kept()
	if len(kept) == 0 {
		return
	}
	sequence := kept[s.rand.IntN(len(kept))]
	if s.one(3) {
		sequence = kept[len(kept)-1]
	}
	s.sayf("delete %d", sequence)
	s.change("delete", func(e *epoch) { e.remove(sequence) }, func() error {
		return s.onStream(func(made jetstream.Stream) error { return made.DeleteMsg(s.ctx, sequence) })
	})
}

func (s *schedule) purge() {
	s.there()
	keep := s.stream.now().last() + 1
	var options []jetstream.StreamPurgeOpt
	if kept := s.stream.now().kept(); len(kept) > 0 && !s.one(4) {
		keep = kept[s.rand.IntN(len(kept))]
		options = append(options, jetstream.WithPurgeSequence(keep))
	}
	s.sayf("purge what is before %d", keep)
	s.change("purge", func(e *epoch) {
		var gone []uint64
		for sequence := uint64(1); sequence < keep; sequence++ {
			gone = append(gone, sequence)
		}
		e.remove(gone...)
	}, func() error {
		return s.onStream(func(made jetstream.Stream) error { return made.Purge(s.ctx, options...) })
	})
}

func (s *schedule) onStream(do func(jetstream.Stream) error) error {
	made, err := s.js.Stream(s.ctx, s.name)
	if err != nil {
		return err
	}
	return do(made)
}

// drop deletes the stream; whatever needs it next makes it anew.
func (s *schedule) drop() {
	s.there()
	s.sayf("delete the stream")
	s.change("delete the stream", func(*epoch) { s.exists = false }, func() error { return s.js.DeleteStream(s.ctx, s.name) })
	if !s.one(3) {
		s.make()
	}
}

// open opens another watch, after a position or by one of the other starts.
func (s *schedule) open() {
	if len(s.clients) >= 5 {
		s.reconnect()
		return
	}
	c := &client{schedule: s, name: fmt.Sprintf("client %d", len(s.clients)), encoding: encodings[s.rand.IntN(len(encodings))], on: s.rand.IntN(2), reading: true}
	if s.one(2) {
		c.at = s.anyPlace()
		s.sayf("%s opens at replica %d after %s", c.name, c.on, c.at)
	} else {
		c.start = s.anyStart()
		s.sayf("%s opens at replica %d, %s", c.name, c.on, c.start.text)
	}
	s.mu.Lock()
	s.clients = append(s.clients, c)
	s.mu.Unlock()
	s.running.Go(func() { c.run(s.ctx) })
	if s.one(2) {
		s.until("the watch has begun", func() bool { return c.at.epoch != nil || !s.exists || s.away || s.noReplica() })
	}
}

// anyPlace draws a position that someone may have had.
func (s *schedule) anyPlace() place {
	e := s.stream.now()
	if s.one(8) {
		e = s.stream.epochs[s.rand.IntN(len(s.stream.epochs))]
	}
	if s.one(4) {
		return place{e, e.last() - min(e.last(), s.rand.Uint64N(3))}
	}
	return place{e, s.rand.Uint64N(e.last() + 1)}
}

func (s *schedule) anyStart() *start {
	switch s.rand.IntN(4) {
	case 0:
		return startNone()
	case 1:
		return startLast(uint32(s.rand.IntN(len(s.stream.now().kept()) + 3)))
	case 2:
		if start := s.anySince(); start != nil {
			return start
		}
	}
	return startAll()
}

// anySince starts at a stored message's time, or right after it.
func (s *schedule) anySince() *start {
	e := s.stream.now()
	kept := e.kept()
	if len(kept) == 0 || !s.exists || s.away {
		return nil
	}
	sequence := kept[s.rand.IntN(len(kept))]
	var at time.Time
	s.must(s.onStream(func(made jetstream.Stream) error {
		m, err := made.GetMsg(s.ctx, sequence)
		if err == nil {
			at = m.Time
		}
		return err
	}), "look up a message")
	if s.one(2) {
		return startSince(at, e, sequence)
	}
	return startSince(at.Add(time.Nanosecond), e, sequence+1)
}

func (s *schedule) anyClient() *client {
	if len(s.clients) == 0 {
		return nil
	}
	return s.clients[s.rand.IntN(len(s.clients))]
}

// pause has a client read no more for now.
func (s *schedule) pause() { s.setReading(s.anyClient(), false) }

func (s *schedule) readOn() { s.setReading(s.anyClient(), true) }

func (s *schedule) setReading(c *client, reading bool) {
	if c == nil || c.reading == reading {
		return
	}
	s.sayf("%s reads: %v", c.name, reading)
	s.mu.Lock()
	defer s.mu.Unlock()
	c.reading = reading
	s.cond.Broadcast()
}

// reconnect has a client leave and come back, to either replica.
func (s *schedule) reconnect() {
	c := s.anyClient()
	if c == nil {
		return
	}
	on := s.rand.IntN(2)
	s.sayf("%s leaves and comes back to replica %d", c.name, on)
	s.mu.Lock()
	defer s.mu.Unlock()
	c.on = on
	if c.leave != nil {
		c.leave()
	}
}

// askTheFuture wants a position past the stream's last refused.
func (s *schedule) askTheFuture() {
	s.there()
	on := s.rand.IntN(2)
	if s.replicas[on] == nil {
		return
	}
	e := s.stream.now()
	position := e.last() + 1 + s.rand.Uint64N(3)
	s.sayf("ask replica %d for what follows %s, which is not there yet", on, place{e, position})
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	w, err := s.replicas[on].watch(ctx, encodings[s.rand.IntN(len(encodings))], watchtest.After(e.name, position))
	if err == nil { // else it was refused by the response's status already
		defer w.Close()
	}
	for err == nil {
		var response *contactv1.WatchPersonsResponse
		response, err = w.Receive()
		if err == nil && (response.GetProgress() == nil || response.GetProgress().GetPosition().GetSequence() != position) {
			err = fmt.Errorf("response %v", response)
		}
	}
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		s.must(docs.PastTheLast.Brokenf("it is answered with %v", err), "ask for a position past the last")
	}
}

// settle waits until every client that reads has all there is.
func (s *schedule) settle() {
	e := s.stream.now()
	if !s.exists || s.away || s.noReplica() || e.last() == 0 || e.message(e.last()).gone {
		return // or it takes the subscribers a second to see it
	}
	s.sayf("wait until all have everything")
	s.until("all have everything", func() bool { return s.allAtEnd() })
}

// forget waits until every replica has heard of what is gone.
func (s *schedule) forget() {
	if !s.exists || s.away {
		return
	}
	s.sayf("wait until every replica has asked how the stream is")
	begun := time.Now()
	for _, r := range s.replicas {
		for deadline := begun.Add(patience); r != nil && !s.failed() && r.askedAt(s.ctx).Before(begun); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				s.must(context.DeadlineExceeded, "wait until a replica has asked how the stream is")
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for gone := range s.stream.places(func(m message) bool { return m.gone }) {
		gone.epoch.message(gone.sequence).forgotten = true
	}
}

func (s *schedule) allAtEnd() bool {
	for _, c := range s.clients {
		if c.reading && !c.atEnd() {
			return false
		}
	}
	return true
}

// until waits for what must come.
func (s *schedule) until(what string, is func() bool) {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait(ctx, is)
	if ctx.Err() != nil {
		s.brokenf(nil, docs.Reliable, "waited in vain: %s", what)
	}
}

// finish has everything back and wants every client to get to the stream's end.
func (s *schedule) finish() {
	s.there()
	if s.noReplica() {
		s.startReplica(s.rand.IntN(2))
	}
	for _, c := range s.clients {
		s.setReading(c, true)
	}
	if !s.one(16) { // without it, an end that is gone is known after a second
		s.publish()
	}
	if s.failed() {
		return
	}
	s.until("all have everything at the end", s.allAtEnd)
	s.must(s.onStream(s.compare), "compare")
	s.sayf("end")
}

// compare holds the model itself against JetStream.
func (s *schedule) compare(made jetstream.Stream) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.stream.now()
	info := made.CachedInfo()
	if st := info.State; stream.Epoch(info) != e.name || st.LastSeq != e.last() || int(st.Msgs) != len(e.kept()) || (st.FirstSeq != e.first && e.last() > 0) {
		return fmt.Errorf("the model is not the stream: %d messages, %d to %d", st.Msgs, st.FirstSeq, st.LastSeq)
	}
	return nil
}
