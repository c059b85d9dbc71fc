package stream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ticks is in how many parts the time for an acknowledgement is measured. It may
// take as much longer as one of them.
const ticks = 8

// Publisher sends messages to one stream, many at a time, and hears of each whether
// it is stored. Messages sent by one goroutine are stored in the order sent.
type Publisher struct {
	stream  *Stream
	nc      *nats.Conn
	subject string
	// expect is the header of a message without an id, never changed.
	expect nats.Header
	acks   ackReader

	// timeout is how long an acknowledgement may take; tick counts its parts.
	timeout time.Duration
	tick    atomic.Uint64

	// free are the numbers of the places that hold no message under way.
	free   chan int
	places []place

	batches batches
	trouble trouble

	opening sync.Mutex
	inbox   string // with its last dot; empty until it is open
}

// place is where an acknowledgement finds who waits for it. Its number and turn
// make the reply's subject, so a late acknowledgement does not meet the next one.
type place struct {
	mu     sync.Mutex
	turn   uint64
	tick   uint64 // when the flight began
	flight *Flight
}

// Flight is a message under way.
type Flight struct {
	publisher *Publisher
	place     int
	turn      uint64
	before    *State        // what was known of the stream when it was sent
	landed    chan struct{} // holds one thing once ack and err are set
	ack       Ack
	err       error
}

var flights = sync.Pool{New: func() any { return &Flight{landed: make(chan struct{}, 1)} }}

// NewPublisher publishes on a subject that the stream takes. At most so many messages
// are under way, each for as long as the timeout or a little more. It hears of what
// did not land while Run runs.
func (s *Stream) NewPublisher(subject string, most int, timeout time.Duration) *Publisher {
	p := &Publisher{
		stream: s, nc: s.nc, subject: subject, timeout: timeout,
		expect: nats.Header{jetstream.ExpectedStreamHeader: {s.name}}, acks: newAckReader(s.name),
		free: make(chan int, most), places: make([]place, most),
	}
	for i := range most {
		p.free <- i
	}
	return p
}

// Send publishes a message as soon as there is a place. The flight must be waited
// for, once. NATS has copied the payload by the time Send returns. The error means
// that nothing was sent.
func (p *Publisher) Send(ctx context.Context, key string, payload []byte) (*Flight, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("publish to %s: %w", p.subject, err) // a free place does not change that
	}
	inbox, err := p.open()
	if err != nil {
		return nil, err
	}
	if !p.nc.IsConnected() {
		return nil, ErrAway // rather than wait for the deadline
	}
	f, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	p.trouble.sent()
	msg := nats.Msg{Subject: p.subject, Reply: f.reply(inbox), Header: p.header(key), Data: payload}
	if err := p.nc.PublishMsg(&msg); err != nil {
		f.abandon()
		return nil, fmt.Errorf("publish to %s: %w", p.subject, meaning(err))
	}
	return f, nil
}

func (p *Publisher) header(key string) nats.Header {
	if key == "" {
		return p.expect
	}
	return nats.Header{
		jetstream.ExpectedStreamHeader: p.expect[jetstream.ExpectedStreamHeader],
		jetstream.MsgIDHeader:          {key},
	}
}

// take waits for a place.
func (p *Publisher) take(ctx context.Context) (*Flight, error) {
	var number int
	select {
	case number = <-p.free:
	default:
		select {
		case number = <-p.free:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait until fewer submissions are under way: %w", ctx.Err())
		}
	}
	f := flights.Get().(*Flight) //nolint:errcheck // the pool holds nothing else
	pl := &p.places[number]
	pl.mu.Lock()
	pl.turn++
	f.publisher, f.place, f.turn, f.before = p, number, pl.turn, p.stream.epoch.confirmed.Load()
	pl.flight, pl.tick = f, p.tick.Load()
	pl.mu.Unlock()
	return f, nil
}

// reply is the subject on which the flight's acknowledgement comes.
func (f *Flight) reply(inbox string) string {
	b := make([]byte, 0, 64)
	b = append(b, inbox...)
	b = strconv.AppendInt(b, int64(f.place), 36)
	b = append(b, '-')
	b = strconv.AppendUint(b, f.turn, 36)
	return string(b)
}

// Wait returns once the message is stored, or ctx is done: then it is unknown.
func (f *Flight) Wait(ctx context.Context) (Ack, error) {
	select {
	case <-f.landed:
	case <-ctx.Done():
		if f.abandon() {
			return Ack{}, fmt.Errorf("wait for JetStream's acknowledgement: %w", ctx.Err())
		}
		<-f.landed // at the same moment
	}
	ack, err := f.ack, f.err
	ack.before = f.before
	f.ack, f.err, f.before = Ack{}, nil, nil
	flights.Put(f)
	return ack, err
}

// abandon gives the place back; false if the acknowledgement has come.
func (f *Flight) abandon() bool { return f.publisher.leave(f.place, f.turn) == f }

// leave empties a place and returns who was there; nil if it is another's turn.
func (p *Publisher) leave(number int, turn uint64) *Flight {
	pl := &p.places[number]
	pl.mu.Lock()
	f := pl.flight
	if f == nil || pl.turn != turn {
		pl.mu.Unlock()
		return nil
	}
	pl.flight = nil
	pl.mu.Unlock()
	p.free <- number
	return f
}

// open subscribes to the acknowledgements, once.
func (p *Publisher) open() (inbox string, err error) {
	p.opening.Lock()
	defer p.opening.Unlock()
	if p.inbox != "" {
		return p.inbox, nil
	}
	name := p.nc.NewInbox() + "."
	acks, err := p.nc.Subscribe(name+"*", p.acknowledge)
	if err != nil {
		return "", fmt.Errorf("listen for JetStream's acknowledgements: %w", err)
	}
	// There are never more than there are places.
	if err := acks.SetPendingLimits(-1, -1); err != nil {
		return "", fmt.Errorf("listen for JetStream's acknowledgements: %w", err)
	}
	p.inbox = name
	return name, nil
}

func (p *Publisher) acknowledge(msg *nats.Msg) {
	number, turn, ok := placeOf(msg.Subject)
	if !ok || number >= len(p.places) {
		return
	}
	ack, err := p.acks.read(msg)
	p.trouble.heard(err)
	f := p.leave(number, turn)
	if f == nil {
		return // nobody waits for it any more
	}
	f.ack, f.err = ack, err
	f.ack.landed = time.Now()
	f.landed <- struct{}{}
}

// placeOf is what reply wrote.
func placeOf(subject string) (number int, turn uint64, ok bool) {
	place, rest, ok := strings.Cut(subject[strings.LastIndexByte(subject, '.')+1:], "-")
	if !ok {
		return 0, 0, false
	}
	number64, err := strconv.ParseUint(place, 36, 31)
	if err != nil {
		return 0, 0, false
	}
	turn, err = strconv.ParseUint(rest, 36, 64)
	return int(number64), turn, err == nil
}

// Run ends what is under way when its time is over or the connection breaks, until
// ctx is done.
func (p *Publisher) Run(ctx context.Context) {
	statuses := p.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	defer p.nc.RemoveStatusListener(statuses)
	ticker := time.NewTicker(p.timeout / ticks)
	defer ticker.Stop()
	broken := func() {
		p.trouble.forget()
		// One that was sent after a reconnect may be among them; its outcome is then
		// called unknown though it need not be.
		p.Fail(ErrUnacknowledged)
	}
	if !p.nc.IsConnected() { // it may have broken before this was told of it
		broken()
	}
	for {
		select {
		case <-ticker.C:
			now := p.tick.Add(1)
			p.end(ErrExpired, func(began uint64) bool { return now-began > ticks })
		case <-statuses:
			broken()
		case <-ctx.Done():
			return
		}
	}
}

// Fail ends what is under way, which may be stored or not.
func (p *Publisher) Fail(reason error) {
	p.end(reason, func(uint64) bool { return true })
	p.batches.end(reason)
}

// end ends those under way that began so long ago that over is true.
func (p *Publisher) end(reason error, over func(began uint64) bool) {
	for number := range p.places {
		pl := &p.places[number]
		pl.mu.Lock()
		turn, ends := pl.turn, pl.flight != nil && over(pl.tick)
		pl.mu.Unlock()
		if !ends {
			continue
		}
		if f := p.leave(number, turn); f != nil {
			f.err = reason
			f.landed <- struct{}{}
		}
	}
}
