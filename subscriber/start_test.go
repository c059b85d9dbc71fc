package subscriber_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/subscriber"
)

func TestStarts(t *testing.T) {
	const stored = 400
	f := newFixture(t)
	f.publish(numbers(1, stored)...)
	// Deleted ones inside, so that the last N are not the last N sequences.
	for _, sequence := range []uint64{200, 395, 396} {
		if err := f.stream().DeleteMsg(context.Background(), sequence); err != nil {
			t.Fatal(err)
		}
	}
	at, err := f.stream().GetMsg(context.Background(), 300)
	if err != nil {
		t.Fatal(err)
	}
	since := func(at time.Time) *contactv1.WatchPersonsRequest {
		return &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(at)}}
	}
	tests := []struct {
		name    string
		request *contactv1.WatchPersonsRequest
		first   uint64 // of what is sent, 0 for nothing
	}{
		{"none: only new ones", &contactv1.WatchPersonsRequest{}, 0},
		{"all", all(), 1},
		{"last none", last(0), 0},
		{"last two", last(2), 399},
		{"last ones over what was deleted", last(5), 394},
		{"last ones far back", last(350), 48},
		{"last of more than there are", last(10_000), 1},
		{"since one was published", since(at.Time), 300},
		{"since before the first", since(at.Time.Add(-time.Hour)), 1},
		{"since the last second is over", since(time.Now().Add(-time.Nanosecond)), 0},
		{"after nothing", after(f.epoch(), 0), 1},
		{"after one in the middle", after(f.epoch(), 250), 251},
		{"after the last", after(f.epoch(), stored), 0},
	}
	for _, ring := range []struct {
		name   string
		choose func(*subscriber.Config)
	}{{"from memory", large}, {"from JetStream", tiny}} {
		t.Run(ring.name, func(t *testing.T) {
			r := f.in(t).replica(ring.choose)
			for _, test := range tests {
				t.Run(test.name, func(t *testing.T) {
					w := r.in(t).watch(test.request)
					first := w.next()
					if first.Progress == nil || first.Progress.GetHead() != stored || first.Progress.GetPosition().GetEpoch() != f.epoch() {
						t.Fatalf("first came %s, want progress with the head %d and the epoch", first, stored)
					}
					position := first.Progress.GetPosition().GetSequence()
					if test.first == 0 {
						if position != stored {
							t.Fatalf("position %d, want %d", position, stored)
						}
						return
					}
					if position != test.first-1 {
						t.Fatalf("position %d, want that before %d", position, test.first)
					}
					w.expectCovered(position, stored, map[uint64]bool{200: true, 395: true, 396: true})
				})
			}
		})
	}
}

func TestNewEventsFollowWhateverTheStart(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2)
	r := f.replica()
	fresh, whole := r.watch(&contactv1.WatchPersonsRequest{}), r.watch(all())
	fresh.expect("progress 2 of 2 SOURCE_CONNECTED")
	whole.expect("progress 0 of 2 SOURCE_CONNECTED", "event 1", "event 2")
	f.publish(3)
	fresh.expect("event 3")
	whole.expect("event 3")
}

func TestEventCarriesThePersonAndItsTime(t *testing.T) {
	f := newFixture(t)
	before := time.Now()
	f.publish(7)
	event := func() *contactv1.PersonEvent {
		w := f.replica().watch(all())
		w.next()
		return w.next().Event
	}()
	if event.GetPerson().GetName() != "person 7" || event.GetPerson().GetEmail() != "p@example.org" {
		t.Errorf("got %v", event)
	}
	if at := event.GetPublishedAt().AsTime(); at.Before(before.Add(-time.Second)) || at.After(time.Now().Add(time.Second)) {
		t.Errorf("published at %s, want about %s", at, before)
	}
}

func TestRefusedRequests(t *testing.T) {
	f := newFixture(t)
	f.publish(1, 2, 3)
	r := f.replica()
	tests := []struct {
		name    string
		request *contactv1.WatchPersonsRequest
		code    connect.Code
		says    string
	}{
		{"a position past the stream's last", after(f.epoch(), 4), connect.CodeInvalidArgument, "after.sequence: 4 lies past the stream's last sequence, 3"},
		{"a position without an epoch", after("", 1), connect.CodeInvalidArgument, "after.epoch"},
		{"a time in the future", &contactv1.WatchPersonsRequest{Start: &contactv1.WatchPersonsRequest_Since{Since: timestamppb.New(time.Now().Add(time.Hour))}}, connect.CodeInvalidArgument, "since"},
		{"a filter of a field that is not there", filtered(all(), "person.emial == ''"), connect.CodeInvalidArgument, "filter: column 8: undefined field 'emial'"},
		{"a filter that is no bool", filtered(all(), "person.email"), connect.CodeInvalidArgument, "filter: column 1: must be bool"},
		{"a filter too long", &contactv1.WatchPersonsRequest{Filter: strings.Repeat("x", 5000)}, connect.CodeInvalidArgument, "filter"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := r.in(t).watch(test.request).endsWith(test.code); !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %q, want it to say %q", err, test.says)
			}
		})
	}
}
