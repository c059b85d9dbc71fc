package client

import (
	"context"
	"testing"
	"testing/synctest"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
)

func TestAWatchSaysWhenTheServerLosesItsSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lost := func(reason string) *contactv1.WatchPersonsResponse {
			response := progress("e1", 0)
			response.Progress.Source, response.Progress.Reason = contactv1.Source_SOURCE_DISCONNECTED, reason

			return response
		}

		server := newFixture(t)
		server.watches = []watchScript{
			func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(progress("e1", 0))
				send(lost(""))
				send(lost(""))
				send(lost("there is no such stream"))
				send(lost("there is no such stream"))
				send(progress("e1", 0))
				send(events(1))

				return nil
			},
		}
		watch, notices := newWatch(server.direct(), &recorder{})
		watch.Count = 1

		if err := watch.Run(t.Context()); err != nil {
			t.Fatal(err)
		}

		wantLines(t, *notices, []string{
			"the server cannot read the stream now; waiting for it",
			"the server cannot read the stream now (there is no such stream); waiting for it",
			"the server reads the stream again",
		})
	})
}

func TestAWatchSaysThatItsFilterFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failed := func(count uint64) *contactv1.WatchPersonsResponse {
			response := progress("e1", 0)
			response.Progress.Failed = count

			return response
		}

		server := newFixture(t)
		server.watches = []watchScript{
			func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				for _, count := range []uint64{0, 1, 1, 2, 3, 5, 5} {
					send(failed(count))
				}

				return connect.NewError(connect.CodeUnavailable, "stopping")
			},
			func(_ context.Context, send func(*contactv1.WatchPersonsResponse)) error {
				send(failed(4)) // 9 with those of before
				send(failed(5))
				send(events(1))

				return nil
			},
		}
		watch, notices := newWatch(server.direct(), &recorder{})
		watch.Count = 1

		if err := watch.Run(t.Context()); err != nil {
			t.Fatal(err)
		}

		said := "persons left out because the filter failed for them, or cost too much: "
		wantLines(t, append((*notices)[:3:3], (*notices)[4:]...), []string{said + "1 so far", said + "2 so far", said + "5 so far", said + "10 so far"})
	})
}
