package subscriber_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/internal/person"
	"rollcall/internal/stream/streamtest"
	"rollcall/subscriber"
)

func TestIdleWatchHearsThatItIsAlive(t *testing.T) {
	f := newFixture(t)
	f.publish(1)
	r := f.replica(func(c *subscriber.Config) { c.ProgressInterval = 20 * time.Millisecond })
	w := r.watch(all())
	w.expect("progress 0 of 1 SOURCE_CONNECTED", "event 1", "progress 1 of 1 SOURCE_CONNECTED", "progress 1 of 1 SOURCE_CONNECTED")
}

func TestOlderArraysAreReadAndGarbageIsSaid(t *testing.T) {
	f := newFixture(t)
	payload, err := person.Encode(nil, &contactv1.Person{Name: "Ada", Email: "ada@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]int, len(payload))
	for i, b := range payload {
		numbers[i] = int(b)
	}
	array, err := json.Marshal(numbers)
	if err != nil {
		t.Fatal(err)
	}
	f.publishBytes(array)
	for _, garbage := range [][]byte{nil, []byte("garbage"), []byte("[1,2"), payload[:len(payload)-8], make([]byte, person.MaxPayload+1)} {
		f.publishBytes(garbage)
	}
	f.publish(7)
	w := f.replica().watch(all())
	w.next()
	if event := w.next().Event; event.GetPerson().GetName() != "Ada" {
		t.Errorf("from the array: got %v", event)
	}
	for _, size := range []uint32{0, 7, 4, uint32(len(payload) - 8), person.MaxPayload + 1} {
		rejected := w.next().Event.GetRejected()
		if rejected == nil || rejected.GetSize() != size || rejected.GetReason() == "" {
			t.Errorf("got %v, want rejected with a reason and size %d", rejected, size)
		}
	}
	w.expect("event 7")
}

func TestStopEndsAWatchAfterItsLastEvent(t *testing.T) {
	f := newFixture(t)
	f.publish(numbers(1, 50)...)
	r := f.replica()
	w := r.watch(all())
	w.next()
	r.sub.Stop(context.Background())
	w.expectCovered(0, 50, nil)
	if err := w.endsWith(connect.CodeUnavailable); !strings.Contains(err.Error(), "resume") {
		t.Errorf("got %q, want it to say what to do", err)
	}
	r.watch(all()).endsWith(connect.CodeUnavailable)
}

// TestClientThatTakesNothingIsCutOff reads nothing from a raw connection until the
// server gives up on it; others go on, and the client can resume.
func TestClientThatTakesNothingIsCutOff(t *testing.T) {
	f := newFixture(t)
	r := f.replica(func(c *subscriber.Config) { c.WriteTimeout = 300 * time.Millisecond })
	stuck := rawWatch(t, r.url)
	other := r.watch(all())
	events := manyLarge(t, f)
	other.expectCovered(0, uint64(events), nil)

	// Wait until the server has cut it off, then read what there is.
	streamtest.Eventually(t, "the server gives up", func() bool { return r.sub.Watches() == 1 })
	read, err := io.Copy(io.Discard, stuck)
	if read >= int64(events)*60_000 {
		t.Errorf("the client that took nothing was sent all %d bytes (%v)", read, err)
	}
	r.watch(after(f.epoch(), uint64(events-1))).expect("progress 299 of 300 SOURCE_CONNECTED", "event 300")
}

// rawWatch starts a watch on a connection that nobody reads.
func rawWatch(t *testing.T, url string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url+"/contact.v1.WatchService/WatchPersons", bytes.NewReader(enveloped(`{"all":{}}`)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/connect+json")
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

// enveloped is a message as Connect streams it.
func enveloped(text string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(text))), text...)
}

func TestJSONWatchersGetTheSameEvents(t *testing.T) {
	for _, ring := range []struct {
		name   string
		choose func(*subscriber.Config)
	}{{"from memory", large}, {"from JetStream", func(c *subscriber.Config) { c.RingBytes = 1 }}} {
		t.Run(ring.name, func(t *testing.T) {
			f := newFixture(t)
			f.publish(1, 2, 3)
			r := f.replica(ring.choose)
			conn := rawWatch(t, r.url)
			seen := ""
			buffer := make([]byte, 4096)
			for !strings.Contains(seen, `"sequence":"3"`) {
				n, err := conn.Read(buffer)
				if err != nil {
					t.Fatalf("%v after %q", err, seen)
				}
				seen += string(buffer[:n])
			}
			for _, part := range []string{`{"events":[{"sequence":"1","publishedAt":"`, `"person":{"name":"person 1","email":"p@example.org"}}`, `"person 3"`} {
				if !strings.Contains(seen, part) {
					t.Errorf("%q lacks %q", seen, part)
				}
			}
		})
	}
}

func TestNotReadyBeforeTheTailIsRead(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	f.nats.Stop()
	r := f.unready()
	if r.sub.Ready() == nil {
		t.Error("ready without having read anything")
	}
	w := r.watch(all())
	w.expect("progress 0 of 0 SOURCE_DISCONNECTED")
	f.nats.Restart()
	for sequence := uint64(1); sequence <= 3; sequence++ {
		if i := w.skipProgress(); i.Event.GetSequence() != sequence {
			t.Fatalf("got %s, want event %d", i, sequence)
		}
	}
	if err := r.sub.Ready(); err != nil {
		t.Errorf("not ready: %v", err)
	}
}
