package client

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect/v2"

	contactv1 "rollcall/gen/contact/v1"
	"rollcall/gen/contact/v1/contactv1connect"
)

func TestTheHeadIsWhereANewWatchBegins(t *testing.T) {
	t.Parallel()

	server := newFixture(t)
	server.watches = []watchScript{func(ctx context.Context, send func(*contactv1.WatchPersonsResponse)) error {
		send(progress("e1", 41))

		return stayOpen(ctx)
	}}
	client := contactv1connect.NewWatchServiceClient(server.listen(ProtocolConnect))

	head, err := Head(t.Context(), client, time.Minute, func(string) {})
	if err != nil || head.GetEpoch() != "e1" || head.GetSequence() != 41 {
		t.Errorf("got %v, %v", head, err)
	}
}

func TestAskingForTheHeadIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newFixture(t)
		server.watches = []watchScript{func(context.Context, func(*contactv1.WatchPersonsResponse)) error {
			return connect.NewError(connect.CodeUnavailable, "scripted")
		}}
		client := contactv1connect.NewWatchServiceClient(server.direct())

		_, err := Head(t.Context(), client, 30*time.Second, func(string) {})
		if want := "asking the server which person is the last so far: gave up after 30s: "; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}
