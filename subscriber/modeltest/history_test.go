package modeltest

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/subscriber/watchtest"
)

// history is all that was ever in a stream, epoch by epoch. What happens to
// the stream is noted here before it is asked of JetStream: a watch may hear of it
// before the asking returns.
type history struct {
	// maxMessages and maxBytes are the stream's limits, 0 for none; beyond them it
	// forgets the oldest.
	maxMessages, maxBytes int
	// overhead is what JetStream counts for a message beside its payload.
	overhead int
	epochs   []*epoch
}

// epoch is one incarnation.
type epoch struct {
	number   int
	name     string
	messages []message // that of sequence 1 first
	// first is the first sequence kept, the one after the last if none is.
	first uint64
	// starts holds every position that was once the one before the first kept.
	starts map[uint64]bool
	// published is when a message was, as the first watch that was sent it said.
	published map[uint64]time.Time
}

// message is a message and what became of it.
type message struct {
	// person is the name of the person it holds; empty for garbage.
	person string
	size   int
	gone   bool
	// forgotten is set once it is gone and every replica has heard of it.
	forgotten bool
	// inside is set if it was once gone while earlier ones were kept.
	inside bool
}

// begin begins another epoch.
func (s *history) begin(name string) {
	s.epochs = append(s.epochs, &epoch{
		number: len(s.epochs), name: name, first: 1,
		starts: map[uint64]bool{0: true}, published: map[uint64]time.Time{},
	})
}

// places are those of the messages that are as asked for.
func (s *history) places(are func(message) bool) map[place]bool {
	all := map[place]bool{}
	for _, e := range s.epochs {
		for i, m := range e.messages {
			if are(m) {
				all[place{e, uint64(i) + 1}] = true
			}
		}
	}
	return all
}

func (s *history) now() *epoch { return s.epochs[len(s.epochs)-1] }

func (s *history) epoch(name string) *epoch {
	for _, e := range s.epochs {
		if e.name == name {
			return e
		}
	}
	return nil
}

// publish adds a message; what the limits then have no room for is gone.
func (s *history) publish(m message) {
	e := s.now()
	e.messages = append(e.messages, m)
	e.changed()
	for (s.maxMessages > 0 && len(e.kept()) > s.maxMessages) || (s.maxBytes > 0 && s.bytes() > s.maxBytes) {
		e.remove(e.first)
	}
}

func (s *history) bytes() int {
	sum := 0
	for _, sequence := range s.now().kept() {
		sum += s.now().message(sequence).size + s.overhead
	}
	return sum
}

func (e *epoch) last() uint64 { return uint64(len(e.messages)) }

func (e *epoch) message(sequence uint64) *message { return &e.messages[sequence-1] }

// kept returns the sequences of what is stored.
func (e *epoch) kept() []uint64 {
	var all []uint64
	for i, m := range e.messages {
		if !m.gone {
			all = append(all, uint64(i)+1)
		}
	}
	return all
}

// remove takes messages out, all at once.
func (e *epoch) remove(sequences ...uint64) {
	for _, sequence := range sequences {
		e.message(sequence).gone = true
	}
	e.changed()
}

// changed brings up to date what follows from what is kept.
func (e *epoch) changed() {
	for e.first <= e.last() && e.message(e.first).gone {
		e.first++
	}
	e.starts[e.first-1] = true
	for i := e.first; i <= e.last(); i++ {
		m := e.message(i)
		m.inside = m.inside || m.gone
	}
}

// firstFrom returns the first sequence kept at one or later; the one after the
// last if there is none.
func (e *epoch) firstFrom(sequence uint64) uint64 {
	for ; sequence <= e.last(); sequence++ {
		if !e.message(sequence).gone {
			return sequence
		}
	}
	return e.last() + 1
}

// String shows the epoch a line a message.
func (e *epoch) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "epoch %d %q, first %d, last %d\n", e.number, e.name, e.first, e.last())
	for i, m := range e.messages {
		fmt.Fprintf(&b, "  %3d %-14.14s %6d bytes", i+1, m.person, m.size)
		if m.gone {
			b.WriteString(" gone")
		}
		if m.inside {
			b.WriteString(" inside")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// start is how a watch asks to begin, but for `after`.
type start struct {
	text string
	ask  *contactv1.WatchPersonsRequest
	// from returns the lowest and the highest position that would be right now.
	from func(e *epoch) (lowest, highest uint64)
}

func startNone() *start {
	return &start{"new ones", &contactv1.WatchPersonsRequest{}, func(e *epoch) (lowest, highest uint64) {
		return e.last(), e.last()
	}}
}

func startAll() *start {
	return &start{"all", watchtest.All(), func(e *epoch) (lowest, highest uint64) {
		return e.first - 1, e.first - 1
	}}
}

func startLast(n uint32) *start {
	return &start{fmt.Sprintf("last %d", n), watchtest.Last(n), func(e *epoch) (lowest, highest uint64) {
		if int(n) >= len(e.kept()) {
			return e.first - 1, e.first - 1
		}
		position := e.last()
		for left := n; left > 0; position-- {
			if !e.message(position).gone {
				left--
			}
		}
		return position, position
	}}
}

// startSince begins with the first published at a time or later, which is that of
// a sequence, or right after it. What is gone from there on may be sent from
// memory, or left out.
func startSince(at time.Time, of *epoch, sequence uint64) *start {
	ask := &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(at)}}
	return &start{fmt.Sprintf("since %d:%d", of.number, sequence), ask, func(e *epoch) (lowest, highest uint64) {
		if e != of { // a later one, all of which is younger
			return e.first - 1, e.first - 1
		}
		return sequence - 1, e.firstFrom(sequence) - 1
	}}
}
