package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Both say that JetStream's answer did not come: the message may be stored or not.
var (
	errUnacknowledged = errors.New("the connection to NATS broke before the acknowledgement")
	errExpired        = fmt.Errorf("no acknowledgement in time: %w", context.DeadlineExceeded)
)

// ticks is in how many parts the time for an acknowledgement is measured. It may
// take as much longer as one of them.
const ticks = 8

// publisher sends messages to JetStream, many at a time, and hears of each whether
// it is stored. Messages sent by one goroutine are stored in the order sent.
type publisher struct {
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

	opening sync.Mutex
	inbox   string // with its last dot; empty until it is open
}

// place is where an acknowledgement finds who waits for it. Its number and turn
// make the reply's subject, so a late acknowledgement does not meet the next one.
type place struct {
	mu     sync.Mutex
	turn   uint64
	tick   uint64 // when the flight began
	flight *flight
}

// flight is a message under way.
type flight struct {
	publisher *publisher
	place     int
	turn      uint64
	landed    chan struct{} // holds one thing once ack and err are set
	ack       jetstream.PubAck
	err       error
}

var flights = sync.Pool{New: func() any { return &flight{landed: make(chan struct{}, 1)} }}

// newPublisher has at most so many messages under way.
func newPublisher(nc *nats.Conn, stream, subject string, most int, timeout time.Duration) *publisher {
	p := &publisher{
		nc: nc, subject: subject, timeout: timeout,
		expect: nats.Header{jetstream.ExpectedStreamHeader: {stream}}, acks: newAckReader(stream),
		free: make(chan int, most), places: make([]place, most),
	}
	for i := range most {
		p.free <- i
	}
	return p
}

// send publishes a message as soon as there is a place. The flight must be waited
// for, once. NATS has copied the payload by the time send returns. The error means
// that nothing was sent.
func (p *publisher) send(ctx context.Context, key string, payload []byte) (*flight, error) {
	inbox, err := p.open()
	if err != nil {
		return nil, err
	}
	if !p.nc.IsConnected() {
		return nil, errNATSAway // rather than wait for the deadline
	}
	f, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	msg := nats.Msg{Subject: p.subject, Reply: f.reply(inbox), Header: p.header(key), Data: payload}
	if err := p.nc.PublishMsg(&msg); err != nil {
		f.abandon()
		return nil, fmt.Errorf("publish to %s: %w", p.subject, err)
	}
	return f, nil
}

func (p *publisher) header(key string) nats.Header {
	if key == "" {
		return p.expect
	}
	return nats.Header{
		jetstream.ExpectedStreamHeader: p.expect[jetstream.ExpectedStreamHeader],
		jetstream.MsgIDHeader:          {key},
	}
}

// take waits for a place.
func (p *publisher) take(ctx context.Context) (*flight, error) {
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
	f := flights.Get().(*flight) //nolint:errcheck // the pool holds nothing else
	pl := &p.places[number]
	pl.mu.Lock()
	pl.turn++
	f.publisher, f.place, f.turn = p, number, pl.turn
	pl.flight, pl.tick = f, p.tick.Load()
	pl.mu.Unlock()
	return f, nil
}

// reply is the subject on which the flight's acknowledgement comes.
func (f *flight) reply(inbox string) string {
	b := make([]byte, 0, 64)
	b = append(b, inbox...)
	b = strconv.AppendInt(b, int64(f.place), 36)
	b = append(b, '-')
	b = strconv.AppendUint(b, f.turn, 36)
	return string(b)
}

// wait returns once the message is stored, or ctx is done: then it is unknown.
func (f *flight) wait(ctx context.Context) (jetstream.PubAck, error) {
	select {
	case <-f.landed:
	case <-ctx.Done():
		if f.abandon() {
			return jetstream.PubAck{}, fmt.Errorf("wait for JetStream's acknowledgement: %w", ctx.Err())
		}
		<-f.landed // at the same moment
	}
	ack, err := f.ack, f.err
	f.ack, f.err = jetstream.PubAck{}, nil
	flights.Put(f)
	return ack, err
}

// abandon gives the place back; false if the acknowledgement has come.
func (f *flight) abandon() bool { return f.publisher.leave(f.place, f.turn) == f }

// leave empties a place and returns who was there; nil if it is another's turn.
func (p *publisher) leave(number int, turn uint64) *flight {
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
func (p *publisher) open() (inbox string, err error) {
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

func (p *publisher) acknowledge(msg *nats.Msg) {
	number, turn, ok := placeOf(msg.Subject)
	if !ok || number >= len(p.places) {
		return
	}
	f := p.leave(number, turn)
	if f == nil {
		return // nobody waits for it any more
	}
	f.err = p.acks.read(msg, &f.ack)
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

// run ends what is under way when its time is over or the connection breaks, until
// ctx is done.
func (p *publisher) run(ctx context.Context) {
	statuses := p.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	defer p.nc.RemoveStatusListener(statuses)
	ticker := time.NewTicker(p.timeout / ticks)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			now := p.tick.Add(1)
			p.end(errExpired, func(began uint64) bool { return now-began > ticks })
		case <-statuses:
			// One that was sent after a reconnect may be among them; its outcome is then
			// called unknown though it need not be.
			p.end(errUnacknowledged, func(uint64) bool { return true })
		case <-ctx.Done():
			return
		}
	}
}

// end ends those under way that began so long ago that over is true.
func (p *publisher) end(reason error, over func(began uint64) bool) {
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
