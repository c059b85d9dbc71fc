package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
	"rollcall/internal/position"
)

// recorder is a printer that remembers.
type recorder struct {
	lines []string
	fail  error
}

func (r *recorder) Event(event *contactv1.PersonEvent) error {
	r.lines = append(r.lines, fmt.Sprint(event.GetSequence()))

	return r.fail
}

func (r *recorder) Gap(gap *contactv1.Gap) error {
	r.lines = append(r.lines, fmt.Sprintf("gap %d-%d", gap.GetFirst(), gap.GetLast()))

	return nil
}

func (r *recorder) Progress(*contactv1.Progress) error { return nil }
func (r *recorder) Flush() error                       { return nil }

func newWatch(rpc *connect.Client, printer Printer) (*Watch, *[]string) {
	notices := &[]string{}

	return &Watch{
		Client:         contactv1connect.NewWatchServiceClient(rpc),
		ConnectTimeout: 5 * time.Second,
		Printer:        printer,
		Notice:         func(line string) { *notices = append(*notices, line) },
	}, notices
}

func wantLines(t *testing.T, got, want []string) {
	t.Helper()

	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func wantAfter(t *testing.T, request *contactv1.WatchPersonsRequest, want string) {
	t.Helper()

	after := request.GetAfter()
	if got := position.Format(after.GetEpoch(), after.GetSequence()); got != want {
		t.Errorf("resumed after %s, want %s", got, want)
	}
}

func TestAWatchCutInMidStreamResumesAfterTheLastEventShown(t *testing.T) {
	t.Parallel()

	for _, protocol := range []Protocol{ProtocolConnect, ProtocolGRPC, ProtocolGRPCWeb} {
		t.Run(string(protocol), func(t *testing.T) {
			t.Parallel()

			server := newFixture(t)
			server.watches = []watchScript{
				func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
					send(progress("e1", 4))
					send(events(5, 6))
					send(gap(7, 9, contactv1.GapReason_GAP_REASON_DELETED))
					send(events(10))

					return cut()
				},
				func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
					send(progress("e1", 10))
					send(events(11, 12))

					return stayOpen(ctx)
				},
			}
			printed := &recorder{}
			watch, notices := newWatch(server.listen(protocol), printed)
			watch.Start, watch.Filter, watch.Count = StartLast(3), "true", 5

			if err := watch.Run(t.Context()); err != nil {
				t.Fatal(err)
			}

			wantLines(t, printed.lines, []string{"5", "6", "gap 7-9", "10", "11", "12"})

			if got := server.watchRequests[0].GetLast(); got != 3 {
				t.Errorf("started with the last %d, want 3", got)
			}

			wantAfter(t, server.watchRequests[1], "e1:10")

			if got := server.watchRequests[1].GetFilter(); got != "true" {
				t.Errorf("resumed with filter %q", got)
			}

			if len(*notices) != 1 || !strings.HasPrefix((*notices)[0], "connection lost: ") {
				t.Errorf("notices %q, want one that the connection was lost", *notices)
			}
		})
	}
}

func TestWhereAWatchResumes(t *testing.T) {
	t.Parallel()

	changed := contactv1.GapReason_GAP_REASON_EPOCH_CHANGED

	for name, test := range map[string]struct {
		sent []*contactv1.WatchPersonsResponse
		want string
	}{
		"new persons only, cut before the first": {
			[]*contactv1.WatchPersonsResponse{progress("e1", 41)},
			"e1:41",
		},
		"progress ahead of the last event": {
			[]*contactv1.WatchPersonsResponse{progress("e1", 0), events(1), progress("e1", 9)},
			"e1:9",
		},
		"progress behind the last event": {
			[]*contactv1.WatchPersonsResponse{progress("e1", 0), events(1, 2), progress("e1", 1)},
			"e1:2",
		},
		"gap at the end": {
			[]*contactv1.WatchPersonsResponse{progress("e1", 0), gap(1, 7, contactv1.GapReason_GAP_REASON_NOT_RETAINED)},
			"e1:7",
		},
		"new epoch, smaller sequence": {
			[]*contactv1.WatchPersonsResponse{progress("e1", 99), gap(100, 0, changed), progress("e2", 0), events(1)},
			"e2:1",
		},
		"cut between the gap that tells of a new epoch and its progress": {
			[]*contactv1.WatchPersonsResponse{progress("e1", 99), gap(100, 0, changed)},
			"e1:99",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				server := newFixture(t)
				server.watches = []watchScript{
					func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
						for _, response := range test.sent {
							send(response)
						}

						return connect.NewError(connect.CodeUnavailable, "stopping")
					},
					func(context.Context, func(*contactv1.WatchPersonsResponse)) error {
						cancel()

						return nil
					},
				}
				watch, _ := newWatch(server.direct(), &recorder{})

				if err := watch.Run(ctx); !errors.Is(err, context.Canceled) {
					t.Fatalf("got %v, want it to end when told to", err)
				}

				wantAfter(t, server.watchRequests[1], test.want)
			})
		})
	}
}

func TestAWatchEndsAtOnceWhereAnotherAttemptCannotHelp(t *testing.T) {
	t.Parallel()

	for _, code := range []connect.Code{
		connect.CodeInvalidArgument, connect.CodeUnimplemented, connect.CodeUnauthenticated,
		connect.CodePermissionDenied, connect.CodeNotFound, connect.CodeDataLoss,
	} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()

			server := newFixture(t)
			server.watches = []watchScript{
				func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
					send(progress("e1", 0))

					return connect.NewError(code, "scripted")
				},
			}
			watch, notices := newWatch(server.listen(ProtocolConnect), &recorder{})

			err := watch.Run(t.Context())
			if want := "watching: scripted (" + wireName(code) + ")"; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}

			if len(server.watchRequests) != 1 || len(*notices) != 0 {
				t.Errorf("%d attempts, notices %q: want one attempt and no notice", len(server.watchRequests), *notices)
			}
		})
	}
}

func TestASilentWatchIsTakenForDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newFixture(t)
		server.watches = []watchScript{
			func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(progress("e1", 0))
				// A heartbeat just in time keeps the watch.
				_ = pause(ctx, Silence-time.Second)

				send(progress("e1", 3))

				return stayOpen(ctx)
			},
			func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(progress("e1", 3))
				send(events(4))

				return nil
			},
		}
		watch, notices := newWatch(server.direct(), &recorder{})
		watch.Count = 1

		if err := watch.Run(t.Context()); err != nil {
			t.Fatal(err)
		}

		wantAfter(t, server.watchRequests[1], "e1:3")

		between := server.watchTimes[1].Sub(server.watchTimes[0])
		if least := 2*Silence - time.Second; between < least || between > least+reconnectFirst {
			t.Errorf("reconnected after %v, want %v and a first wait", between, least)
		}

		if len(*notices) != 1 || !strings.HasPrefix((*notices)[0], "connection lost: the server was silent for 45s; again in 0.") {
			t.Errorf("notices %q", *notices)
		}
	})
}

func TestAWatchThatNeverConnectsGivesUp(t *testing.T) {
	t.Parallel()

	for name, script := range map[string]watchScript{
		"refused": func(context.Context, func(*contactv1.WatchPersonsResponse)) error {
			return connect.NewError(connect.CodeUnavailable, "scripted")
		},
		"no answer": func(ctx context.Context, _ func(*contactv1.WatchPersonsResponse)) error {
			return stayOpen(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newFixture(t)
				server.watches = []watchScript{script}
				watch, _ := newWatch(server.direct(), &recorder{})
				began := time.Now()

				err := watch.Run(t.Context())
				if err == nil || !strings.HasPrefix(err.Error(), "watching: gave up after 5s: ") {
					t.Errorf("got %v", err)
				}

				if took := time.Since(began); took > watch.ConnectTimeout {
					t.Errorf("gave up after %v, want at most %v", took, watch.ConnectTimeout)
				}
			})
		})
	}
}

func TestWaitsGrowToALimitAndStartOverOnceTheWatchMovesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const fruitless = 12

		greetAndHangUp := func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
			send(progress("e1", 0))

			return connect.NewError(connect.CodeUnavailable, "stopping")
		}
		server := newFixture(t)
		server.watches = slices.Concat(
			slices.Repeat([]watchScript{greetAndHangUp}, fruitless),
			[]watchScript{func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(events(1))

				return connect.NewError(connect.CodeUnavailable, "stopping")
			}},
			[]watchScript{func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(events(2))

				return nil
			}},
		)
		watch, _ := newWatch(server.direct(), &recorder{})
		watch.Count = 2

		if err := watch.Run(t.Context()); err != nil {
			t.Fatal(err)
		}

		times := server.watchTimes
		if last := times[fruitless].Sub(times[fruitless-1]); last < reconnectLimit/2 || last > reconnectLimit {
			t.Errorf("the last fruitless wait was %v, want %v to %v", last, reconnectLimit/2, reconnectLimit)
		}

		if next := times[fruitless+1].Sub(times[fruitless]); next > reconnectFirst {
			t.Errorf("the wait after an event was %v, want at most %v", next, reconnectFirst)
		}
	})
}

func TestAWatchWaitsAsLongAsTheServerAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stopping := failing(t, connect.CodeUnavailable, retryIn(30*time.Second))
		server := newFixture(t)
		server.watches = []watchScript{
			func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(progress("e1", 0))

				return stopping
			},
			func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(events(1))

				return nil
			},
		}
		watch, _ := newWatch(server.direct(), &recorder{})
		watch.Count = 1

		if err := watch.Run(t.Context()); err != nil {
			t.Fatal(err)
		}

		if waited := server.watchTimes[1].Sub(server.watchTimes[0]); waited != 30*time.Second {
			t.Errorf("waited %v, want the 30 s asked for", waited)
		}
	})
}

func TestCountEndsAWatchWithinAResponse(t *testing.T) {
	t.Parallel()

	server := newFixture(t)
	server.watches = []watchScript{
		func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
			send(progress("e1", 0))

			response := events(1, 2, 3)
			response.Events[0].Payload = &contactv1.PersonEvent_Rejected{Rejected: &contactv1.Rejected{Reason: "no"}}
			send(response)

			return stayOpen(ctx)
		},
	}
	printed := &recorder{}
	watch, _ := newWatch(server.listen(ProtocolConnect), printed)
	watch.Count = 2

	if err := watch.Run(t.Context()); err != nil {
		t.Fatal(err)
	}

	wantLines(t, printed.lines, []string{"1", "2"})
}

func TestAPrinterThatFailsEndsAWatch(t *testing.T) {
	t.Parallel()

	server := newFixture(t)
	server.watches = []watchScript{
		func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
			send(progress("e1", 0))
			send(events(1))

			return stayOpen(ctx)
		},
	}
	full := errors.New("disk full")
	watch, notices := newWatch(server.listen(ProtocolConnect), &recorder{fail: full})

	if err := watch.Run(t.Context()); !errors.Is(err, full) || len(*notices) != 0 {
		t.Errorf("got %v, notices %q: want the printer's error and no other attempt", err, *notices)
	}
}

func TestEventsBeforeAPositionAreRefused(t *testing.T) {
	t.Parallel()

	server := newFixture(t)
	server.watches = []watchScript{
		func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
			send(events(1))

			return stayOpen(ctx)
		},
	}
	watch, _ := newWatch(server.listen(ProtocolConnect), &recorder{})

	if err := watch.Run(t.Context()); !errors.Is(err, errNoProgress) {
		t.Errorf("got %v, want %v", err, errNoProgress)
	}
}
